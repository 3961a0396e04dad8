"""From what people say of posts and incidents to labels from which the classifier can learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from domain.label import Label, Verdict
from domain.mention import Kind
from storage.interfaces import KnownPost, Stores, ThreadId
from storage.known_posts import together


def posts_of(labels: Sequence[Label]) -> list[ThreadId]:
    """The posts that labels speak of, each once."""
    posts = ((label.source, label.post) for label in labels)
    return list(dict.fromkeys((source, post) for source, post in posts if source and post))


def completed(
    labels: Sequence[Label], stores: Stores, waiting: Mapping[ThreadId, KnownPost]
) -> Iterator[Label]:
    """The labels with what is still known of their posts: the words, their language, the service.

    ``waiting`` are those that wait in the label queue. What a label says itself stands. The service is filled
    in where the post was judged for one only.
    """
    posts = posts_of(labels)
    known = together(stores.labels.known_posts(posts), waiting, stores.incidents.known_posts(posts))
    for label in labels:
        post = known.get((label.source or "", label.post or ""))
        yield label if post is None else _completed(label, post)


def _completed(label: Label, post: KnownPost) -> Label:
    told = replace(label, text=label.text or post.text, lang=label.lang or post.lang)
    others = [service for service in post.services if service != label.service]
    if len(others) != 1:
        return told
    if label.verdict is Verdict.WRONG_SERVICE:
        return replace(told, instead_of=label.instead_of or others[0])
    return told if label.service else replace(told, service=others[0])


def labels_that_teach(stores: Stores, since: datetime | None = None) -> list[Label]:
    """Every label of a post from which something can be learned, the earliest first; later than ``since``.

    What people said of a whole incident speaks of the posts that are shown with it, as long as their words
    are kept: ``Label.untaught`` says what it tells of them, ``Label.weight`` how little. What a person said
    of such a post by itself goes before.
    """
    own = [label for label in stores.labels.of_posts() if label.untaught is None]
    said = {_tag_of(label) for label in own}
    through = [
        label
        for judged in stores.labels.of_incidents()
        for label in _through_incident(judged, stores)
        if _tag_of(label) not in said
    ]
    teach = [label for label in (*own, *through) if since is None or label.at > since]
    return sorted(teach, key=lambda label: (label.at, label.id))


def _through_incident(judged: Label, stores: Stores) -> Iterator[Label]:
    incident = stores.incidents.get(judged.incident) if judged.incident else None
    if incident is None or judged.untaught is not None:
        return
    wrong = judged.verdict is Verdict.WRONG_SERVICE
    for post in stores.incidents.evidence(incident.id):
        if post.text:
            yield replace(
                judged,
                id=f"{judged.id}/{post.source}/{post.post_id}",
                source=post.source,
                post=post.post_id,
                text=post.text,
                kind=Kind.COMPLAINT,
                service=judged.service if wrong else incident.service,
                instead_of=incident.service if wrong else None,
            )


def _tag_of(label: Label) -> tuple[str, str | None, str | None, str | None]:
    """Who judged the tag of which post for which service."""
    return label.by, label.source, label.post, label.judged_for
