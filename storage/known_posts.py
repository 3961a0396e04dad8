"""What is still known of posts, put together from all that keeps their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.label import Label
from storage.interfaces import KnownPost, ThreadId


def known_posts(told: Iterable[tuple[ThreadId, str, str | None, str | None]]) -> dict[ThreadId, KnownPost]:
    """The posts among rows of a post, its words, a service it was judged for, and its language.

    Of several words for one post the last ones count.
    """
    known: dict[ThreadId, KnownPost] = {}
    for post, text, service, lang in told:
        before = known.get(post)
        services = {*(before.services if before else ()), *([service] if service else ())}
        known[post] = KnownPost(text, tuple(sorted(services)), lang or (before.lang if before else None))
    return known


def together(*known: Mapping[ThreadId, KnownPost]) -> dict[ThreadId, KnownPost]:
    """What several places know of posts; of several words for one post, the last place's count."""
    return known_posts(
        (post, one.text, service, one.lang)
        for some in known
        for post, one in some.items()
        for service in one.services or (None,)
    )


def of_labels(labels: Iterable[Label]) -> dict[ThreadId, KnownPost]:
    """The posts whose words these labels keep."""
    return known_posts(
        ((label.source, label.post), label.text, label.judged_for, label.lang)
        for label in labels
        if label.source is not None and label.post is not None and label.text is not None
    )
