"""Retraining, from the labels to the decision: every step is told, and every end is kept with its reason."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from domain.label import Label
from domain.mention import Kind
from domain.model_version import ModelVersion
from domain.retraining import Figure, Retraining, RetrainingState, Trial
from domain.service import Service
from ingest.source import wall_clock
from models.classifier import Classifier
from models.comparison import Judged, compare
from models.corpus import CorpusError, LabelledPost
from models.examining import Examiner, Question
from models.holding_out import LEAST, Split, group_of, hold_out
from models.lessons import Teaching, lessons_from
from models.model_file import load
from models.promotion import decide
from models.retraining import retrain
from models.shipped import ModelRefused, shipped_version
from storage.interfaces import Stores
from workers.labelling import labels_that_teach
from workers.signs_of_life import SILENT_AFTER, signs_of_life

log = logging.getLogger(__name__)

TRAINING_FROM, JUDGING_FROM, TOLD_STEP = 0.2, 0.9, 0.05  # of the progress, from 0 to 1
KEEP = 10  # challengers that never counted; of older ones the figures stay, and their bytes go


class Overtaken(Exception):
    """Another process has this retraining by now, as this one gave no sign of life for too long."""


@dataclass(frozen=True)
class Retrainer:
    """Carries retrainings out.

    ``corpus`` and ``core`` read the posts of this project to train on and to judge by; ``watch`` is told of
    every step.
    """

    stores: Stores
    services: Sequence[Service]
    corpus: Callable[[], Sequence[LabelledPost]]
    core: Callable[[], Sequence[LabelledPost]]
    watch: Callable[[Retraining], None] = lambda _: None
    clock: Callable[[], datetime] = wall_clock

    def carry_out(self, retraining: str, holder: str) -> Retraining | None:
        """A retraining as it ended; ``None`` if it was over, or another process has it."""
        now = self.clock()
        taken = self.stores.retrainings.take_up(retraining, holder, now, silent_since=now - SILENT_AFTER)
        if taken is None:
            return None
        with signs_of_life(self.stores.retrainings, taken, self.clock):
            try:
                return _to_its_end(_Work(self, taken))
            except Overtaken as overtaken:
                log.warning("%s", overtaken)
                return None


def _to_its_end(work: _Work) -> Retraining:
    """The retraining as it ended, by whatever: only who was overtaken leaves it without an end."""
    try:
        return work.run()
    except Overtaken:
        raise
    except KeyboardInterrupt:
        work.end(RetrainingState.FAILED, "it was stopped by hand")
        raise
    except (CorpusError, ModelRefused) as why:
        return work.end(RetrainingState.FAILED, str(why))
    except Exception as fault:  # whatever it is, taking it up again would end alike
        log.exception("a retraining failed")
        return work.end(
            RetrainingState.FAILED,
            f"a fault of Groundswell's ({type(fault).__name__}); the log has its details",
        )


class _Work:
    """One retraining at work."""

    def __init__(self, retrainer: Retrainer, taken: Retraining) -> None:
        self._with = retrainer
        self._stores = retrainer.stores
        self._groups = {service.id: service.category for service in retrainer.services}
        self._examiner = Examiner(retrainer.services)
        self._active = self._stores.models.active()
        self._told = taken

    def run(self) -> Retraining:
        champion, classifier = self._champion()
        since = champion.card.labels_until
        labels = labels_that_teach(self._stores)
        self._tell(
            RetrainingState.TRAINING, 0.05, f"weighs {len(labels):,} labels", champion=champion.card.version,
            labels=len(labels), new_labels=len(_later(labels, since)),
        )  # fmt: skip
        teaching = lessons_from(labels, lambda asked: self._examiner.examine(classifier, asked), since=since)
        core = self._with.core()
        split = hold_out(
            teaching.lessons, since=since, groups=self._groups, frozen=[post.text for post in core]
        )
        if not split.judging or not split.training:
            return self.end(RetrainingState.REFUSED, _too_few(teaching), set_aside=teaching.set_aside)
        challenger = self._train(champion, split)
        return self._judge(classifier, challenger, teaching, split, core)

    def end(self, state: RetrainingState, reason: str, **known: object) -> Retraining:
        """Keep the end and its reason. Raises ``Overtaken``."""
        ended = replace(
            self._told, state=state, progress=1.0, step="has ended", finished_at=self._with.clock(),
            reason=reason, **known,
        )  # fmt: skip
        if not self._stores.retrainings.conclude(ended, over=self._active):
            if state is RetrainingState.PROMOTED and self._stores.models.active() != self._active:
                return self.end(RetrainingState.HELD, _chosen_meanwhile(reason), **known)
            raise Overtaken(f"another process has retraining {ended.id} by now")
        log.info("retraining %s: %s: %s", ended.id, state, reason)
        self._with.watch(ended)
        return ended

    def _champion(self) -> tuple[ModelVersion, Classifier]:
        """The version at work here: the active one, or, where that is refused, the shipped one."""
        active = self._stores.models.get(self._active) if self._active else None
        if active is not None:
            try:
                return active, load(active.body, active.card, self._with.services)
            except ModelRefused as refused:
                log.warning("classifier %s is refused and cannot teach: %s", self._active, refused)
        shipped = shipped_version()
        return shipped, load(shipped.body, shipped.card, self._with.services)

    def _train(self, champion: ModelVersion, split: Split) -> ModelVersion:
        self._tell(RetrainingState.TRAINING, TRAINING_FROM, f"trains with {len(split.training):,} lessons")
        return retrain(
            champion,
            self._with.corpus(),
            split.training,
            trained_at=self._with.clock().replace(microsecond=0),
            services=self._with.services,
            progress=self._trained,
        )

    def _trained(self, share: float) -> None:
        """Tell how far the training has come, but not every one of its hundred steps."""
        progress = round(TRAINING_FROM + share * (JUDGING_FROM - TRAINING_FROM), 2)
        if progress >= self._told.progress + TOLD_STEP:
            self._tell(RetrainingState.TRAINING, progress, self._told.step)

    def _judge(
        self,
        champion: Classifier,
        challenger: ModelVersion,
        teaching: Teaching,
        split: Split,
        core: Sequence[LabelledPost],
    ) -> Retraining:
        self._tell(
            RetrainingState.JUDGING, JUDGING_FROM,
            f"asks both about {len(split.judging):,} new labels and {len(core):,} posts of the core set",
            challenger=challenger.card.version,
        )  # fmt: skip
        # It is judged as it comes out of its bytes, as every worker will load it.
        other = load(challenger.body, challenger.card, self._with.services)
        fresh = [(Question(one.text, one.service, one.lang), one.kind) for one in split.judging]
        known = [(Question(one.text, one.service, one.lang), one.kind) for one in core]
        figures = [
            *compare(Trial.NEW_LABELS, self._judged(champion, other, fresh)),
            *compare(Trial.CORE, self._judged(champion, other, known)),
        ]
        return self._decide(challenger, figures, teaching)

    def _decide(self, challenger: ModelVersion, figures: Sequence[Figure], teaching: Teaching) -> Retraining:
        decision = decide(figures, set_aside=teaching.set_aside, share_set_aside=teaching.share_set_aside)
        self._stores.models.add(_measured(challenger, figures))
        ended = self.end(
            decision.state, decision.reason, figures=tuple(figures), set_aside=teaching.set_aside
        )
        self._stores.models.prune(KEEP)
        return ended

    def _judged(
        self, champion: Classifier, challenger: Classifier, posts: Sequence[tuple[Question, Kind]]
    ) -> Judged:
        questions = [question for question, _ in posts]
        return Judged(
            kinds=[kind for _, kind in posts],
            groups=[group_of(question.service, self._groups) for question in questions],
            champion=self._examiner.examine(champion, questions),
            challenger=self._examiner.examine(challenger, questions),
        )

    def _tell(self, state: RetrainingState, progress: float, step: str, **known: object) -> None:
        self._told = replace(self._told, state=state, progress=progress, step=step, **known)
        if not self._stores.retrainings.save(self._told):
            raise Overtaken(f"another process has retraining {self._told.id} by now")
        self._with.watch(self._told)


def _measured(challenger: ModelVersion, figures: Sequence[Figure]) -> ModelVersion:
    """The challenger, on whose card stands how it did where it was judged."""
    told = {f"{one.trial}_{one.measure}_{one.of}": one.challenger for one in figures}
    card = replace(challenger.card, figures=challenger.card.figures | told)
    return ModelVersion(card, challenger.body)


def _later(labels: Sequence[Label], since: datetime | None) -> list[Label]:
    return [label for label in labels if since is None or label.at > since]


def _too_few(teaching: Teaching) -> str:
    why = f"too few posts have new and clear labels to judge by: {LEAST} are needed"
    if teaching.set_aside:
        why += f"; those of {len(teaching.set_aside)} people were set aside"
    return why


def _chosen_meanwhile(reason: str) -> str:
    return f"another version was activated while this one was trained; held against the one before: {reason}"
