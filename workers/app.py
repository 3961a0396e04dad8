"""The Celery app: ``celery -A workers.app worker``. A task is only a nudge: the stores hold the truth."""

from __future__ import annotations

import sys

from settings import WrongSettings, load_settings
from workers.broker import make_app

try:
    app = make_app(load_settings())
except WrongSettings as wrong:  # Celery imports this module by itself: no traceback for a user's mistake
    sys.stderr.write(f"groundswell: {wrong}\n")
    raise SystemExit(2) from None
