"""When no more images are expected: a verdict with its reason.

What must stay true: a study that still receives has a moment at which it is looked at again, and a
word that was said before the last image came does not close the revision which that image opened.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.enumerations import StudyCompleteness
from contracts.people import Actor
from ingest_worker.domain.study import KnownOrder, Study


@dataclass(frozen=True)
class Patience:
    """How long to wait for more images.

    Attributes
    ----------
    quiet : nothing came for so long, and nobody said anything: complete.
    unfinished : the same while the technologist has begun the exam and not completed it. Sequences
        are minutes apart; this is for who forgets to complete it.
    settle : the exam was completed without a number of images: let those on their way arrive.
    """

    quiet: timedelta
    unfinished: timedelta
    settle: timedelta


def judge(
    study: Study, order: KnownOrder | None, received: int, now: datetime, patience: Patience
) -> Study:
    """Decide whether a study is complete, or when to look again.

    Parameters
    ----------
    order : the order that the study is matched to.
    received : instances of all studies of that order.
    """
    if study.completeness is StudyCompleteness.COMPLETE:
        return study
    if order and _speaks_for_this_revision(order, study):
        if order.expected_instances is None:
            due = study.last_indexed_at + patience.settle
            return _complete_when(study, due, now, "the technologist completed the exam")
        if received >= order.expected_instances:
            return _complete(study, f"all {order.expected_instances} expected images are here")
        return study.changed(
            completeness_reason=f"{received} of {order.expected_instances} expected images",
            completeness_due_at=now + patience.quiet,
        )
    pause = patience.unfinished if order and order.is_being_examined else patience.quiet
    reason = f"no image came for {int(pause.total_seconds())} s"
    return _complete_when(study, study.last_indexed_at + pause, now, reason)


def complete_by_person(study: Study, actor: Actor, reason: str) -> Study:
    """Close a study because a person says so."""
    return _complete(study, f"{actor.name or actor.id}: {reason}")


def _speaks_for_this_revision(order: KnownOrder, study: Study) -> bool:
    completed_at = order.completed_at
    if completed_at is None:
        return False
    return study.revision == 1 or completed_at >= study.revision_opened_at


def _complete_when(study: Study, due: datetime, now: datetime, reason: str) -> Study:
    if now >= due:
        return _complete(study, reason)
    return study.changed(completeness_due_at=due)


def _complete(study: Study, reason: str) -> Study:
    return study.changed(
        completeness=StudyCompleteness.COMPLETE,
        completeness_reason=reason,
        completeness_due_at=None,
    )
