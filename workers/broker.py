"""The Celery app of some settings: how nudges travel, and how workers behave."""

from __future__ import annotations

from celery import Celery

from settings import Settings

TICK_SECONDS = 1.0
LOOK_SECONDS = 5.0
TIDY_SECONDS = 600.0
RETRAINING_SECONDS = 60.0

# What waits for answers from outside has a queue of its own: a page that hangs must not hold up counting.
# So has retraining, which takes a core for a minute.
COUNTING, OUTSIDE, TRAINING = "groundswell", "groundswell-outside", "groundswell-training"


def make_app(settings: Settings) -> Celery:
    """A Celery app on the broker of the settings. It opens no connection yet."""
    app = Celery("groundswell", broker=settings.broker_address, include=["workers.tasks"])
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_default_queue=COUNTING,
        # A worker that names none serves all.
        task_queues={name: {"exchange": name, "routing_key": name} for name in (COUNTING, OUTSIDE, TRAINING)},
        task_routes={
            "poll": {"queue": OUTSIDE},
            "watch": {"queue": OUTSIDE},
            "retrain": {"queue": TRAINING},
        },
        # A nudge may be lost: the Stream keeps the posts, and the next tick nudges again.
        task_acks_late=False,
        task_time_limit=300,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_soft_shutdown_timeout=3.0,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # the default gives up after a hundred
        broker_transport_options={
            "socket_timeout": 10,
            "socket_connect_timeout": 2,
            # Without these two, an unacknowledged task comes back minutes late.
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        # The default scheduler of beat keeps a shelve, which is pickle; ours has nothing to remember.
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule={
            # An expired tick is dropped, so that a busy hour leaves no heap of them.
            "tick": {"task": "tick", "schedule": TICK_SECONDS, "options": {"expires": 5}},
            "watch": {"task": "watch", "schedule": LOOK_SECONDS, "options": {"expires": LOOK_SECONDS}},
            "tidy": {"task": "tidy", "schedule": TIDY_SECONDS, "options": {"expires": TIDY_SECONDS}},
            "retraining": {
                "task": "look_after_retraining",
                "schedule": RETRAINING_SECONDS,
                "options": {"expires": RETRAINING_SECONDS},
            },
        },
    )
    return app
