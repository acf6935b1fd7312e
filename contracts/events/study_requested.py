"""`study.requested`: somebody wants something done with a received study."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from contracts.base import Contract, RequiredLine, Text
from contracts.identifiers import Uid
from contracts.people import Actor

QUARANTINE_UNDO = timedelta(days=7)
"""How long a decision over an instance in quarantine can be taken back."""


class MatchToOrder(Contract):
    """A person says which order the study fulfils."""

    action: Literal["match_to_order"] = "match_to_order"
    order_id: UUID
    reason: RequiredLine
    confirm_patient_differs: bool = False


class Unmatch(Contract):
    """A person takes a match back."""

    action: Literal["unmatch"] = "unmatch"
    reason: RequiredLine


class KeepWithoutOrder(Contract):
    """A person says that no order is expected: a prior from elsewhere, as from a disc."""

    action: Literal["keep_without_order"] = "keep_without_order"
    reason: RequiredLine


class CompleteStudy(Contract):
    """No more images are expected."""

    action: Literal["complete_study"] = "complete_study"
    reason: RequiredLine


class ResolveQuarantine(Contract):
    """A person decides over an instance that contradicts one already stored."""

    action: Literal["resolve_quarantine"] = "resolve_quarantine"
    quarantine_id: UUID
    decision: Literal["DISCARD", "KEEP_AS_NEW"]
    reason: RequiredLine
    is_taken_back: bool = Field(
        default=False,
        description="The decision is taken back; who does not know this refuses it as a second one",
    )


class SaveMeasurements(Contract):
    """Annotations of a reader, as drawn; the whole set replaces the one of that reader."""

    action: Literal["save_measurements"] = "save_measurements"
    order_id: UUID
    annotations: tuple[dict[str, JsonValue], ...] = Field(max_length=500)
    expected_version: int | None = None


class NotePrior(Contract):
    """Comparison notes on a pair of studies (the spec's `prior_studies`)."""

    action: Literal["note_prior"] = "note_prior"
    prior_study_instance_uid: Uid
    comparison_notes: Text
    expected_version: int | None = Field(
        default=None, description="Version of the notes that was read, 0 for none"
    )


StudyRequest = Annotated[
    MatchToOrder
    | Unmatch
    | KeepWithoutOrder
    | CompleteStudy
    | ResolveQuarantine
    | SaveMeasurements
    | NotePrior,
    Field(discriminator="action"),
]


class StudyRequested(Contract):
    """A request to the owner of studies."""

    study_instance_uid: Uid
    request: StudyRequest
    actor: Actor
