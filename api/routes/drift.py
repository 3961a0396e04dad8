"""Drift: whether the classifier still judges posts like those it was trained on."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from api.house import TheHouse
from api.problems import documented, not_found, not_now
from api.schemas_drift import DriftAnswer, ShareAnswer, ShiftAnswer
from domain.busy import Busy
from domain.drift import Shift

router = APIRouter(prefix="/v1/classifier", tags=["classifier"])


@router.get("/drift", responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE))
def read_drift(house: TheHouse) -> DriftAnswer:
    """The share of each kind, and of each score, among the live run's verdicts of the last day.

    They are held against those of the active version's training. Reposts and official accounts, which rules
    judge, are left out. A day that differs from the training is not yet a worse classifier: labels tell that.
    """
    try:
        drift = house.drift()
    except Busy as busy:
        raise not_now(busy) from busy
    if drift is None:
        raise not_found("No classifier is active yet: start the workers once.")
    return DriftAnswer(
        version=drift.version,
        verdicts=drift.verdicts,
        kinds=_answer(drift.kinds),
        scores=_answer(drift.scores),
    )


def _answer(shift: Shift) -> ShiftAnswer:
    trained = shift.trained or (None,) * len(shift.now)
    shares = [
        ShareAnswer(name=name, now=round(now, 4), trained=then)
        for name, now, then in zip(shift.names, shift.now, trained, strict=True)
    ]
    return ShiftAnswer(
        psi=None if shift.psi is None else round(shift.psi, 4), reading=shift.reading, shares=shares
    )
