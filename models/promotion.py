"""Promotion: whether a challenger takes the champion's place, decided from figures, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from domain.retraining import Figure, Measure, RetrainingState, Trial

MOST_FALL = 0.02  # no kind or group may fall further, nor macro-F1 on the core set
MOST_RISE = 0.01  # of surprise on the core set, where it is no chance: flipped labels bring 0.02 to 0.05
MOST_SET_ASIDE = 0.1  # of the new verdicts; beyond that a person must look before anything is promoted
MOST_NAMED = 5  # people, or falls, in a sentence


class Decision(msgspec.Struct, frozen=True):
    """What becomes of a challenger: promoted, refused, or held for a person to look."""

    state: RetrainingState
    reason: str


def decide(
    figures: Sequence[Figure], *, set_aside: Iterable[str] = (), share_set_aside: float = 0.0
) -> Decision:
    """Promote what is better on the new labels beyond chance, and falls nowhere.

    Better is less surprise: of all measures tried it tells a better model with the fewest posts (at 400 it
    is three times as sharp as macro-F1), as it hears by how much each verdict is right or wrong, and of
    every kind alike. It falls where it is certain, to 95%, that a kind's F1 or a group's share fell by more
    than 2 points: a group's size makes all that is less than chance. The core set is large, and always the
    same: there macro-F1 itself may not be lower by more than that, nor surprise rise. Labels that a hand has
    flipped show there even if nobody was suspected, while true ones make it less.
    """
    fallen = [*_falls(figures), *_loss_on_core(figures)]
    if fallen:
        return Decision(RetrainingState.REFUSED, "the challenger falls: " + _some(fallen, "; "))
    surprise = _figure(figures, Trial.NEW_LABELS, Measure.SURPRISE)
    if surprise is None or surprise.low <= 0:
        return Decision(RetrainingState.REFUSED, _no_better(surprise))
    if share_set_aside > MOST_SET_ASIDE:
        return Decision(RetrainingState.HELD, _suspicious(sorted(set_aside), share_set_aside))
    return Decision(
        RetrainingState.PROMOTED,
        f"better beyond chance on the {surprise.posts} newest labels (surprise {surprise.challenger:.3f}, "
        f"the champion's {surprise.champion:.3f}; gain {surprise.low:.3f} to {surprise.high:.3f}), "
        "and worse nowhere",
    )


def _falls(figures: Iterable[Figure]) -> list[str]:
    return [
        f"{_where(one)} from {one.champion:.1%} to {one.challenger:.1%}"
        for one in figures
        if one.measure in (Measure.KIND, Measure.GROUP) and one.high < -MOST_FALL
    ]


def _loss_on_core(figures: Sequence[Figure]) -> Iterator[str]:
    f1 = _figure(figures, Trial.CORE, Measure.MACRO_F1)
    if f1 is not None and f1.gain < -MOST_FALL:
        yield f"macro-F1 on the core set from {f1.champion:.1%} to {f1.challenger:.1%}"
    surprise = _figure(figures, Trial.CORE, Measure.SURPRISE)
    if surprise is not None and surprise.gain < -MOST_RISE and surprise.high < 0:
        yield f"surprise on the core set rises from {surprise.champion:.3f} to {surprise.challenger:.3f}"


def _where(figure: Figure) -> str:
    """What fell, and where.

    >>> _where(Figure(Trial.CORE, Measure.GROUP, "banks", 41, 0.9, 0.8, -0.2, -0.05))
    'the group banks on the core set (41 posts)'
    """
    what = "the kind" if figure.measure is Measure.KIND else "the group"
    where = "the core set" if figure.trial is Trial.CORE else "the newest labels"
    return f"{what} {figure.of} on {where} ({figure.posts} posts)"


def _no_better(surprise: Figure | None) -> str:
    if surprise is None:
        return "there are too few new labels to judge by"
    return (
        f"not better beyond chance on the {surprise.posts} newest labels "
        f"(surprise {surprise.challenger:.3f}, the champion's {surprise.champion:.3f}; "
        f"gain {surprise.low:.3f} to {surprise.high:.3f})"
    )


def _suspicious(people: Sequence[str], share: float) -> str:
    return (
        f"{share:.0%} of the new verdicts come from people who are set aside for contradicting what is known "
        f"({_some(people, ', ')}): a person must look, and may activate the challenger by hand"
    )


def _some(told: Sequence[str], between: str) -> str:
    """As many as a sentence bears.

    >>> _some(list("abcdefg"), ", ")
    'a, b, c, d, e and 2 others'
    """
    others = len(told) - MOST_NAMED
    return between.join(told[:MOST_NAMED]) + (f" and {others} others" if others > 0 else "")


def _figure(figures: Iterable[Figure], trial: Trial, measure: Measure) -> Figure | None:
    return next((one for one in figures if (one.trial, one.measure) == (trial, measure)), None)
