"""Every way order_consumer can fail or must refuse, with the stable code that a caller sees."""

from typing import ClassVar

from services.errors import Refused


class OrderRefused(Refused):
    """A request that the order's state forbids; subclasses say why."""

    rejection: ClassVar[str]
    sentence: ClassVar[str]
    http_status: ClassVar[int] = 409

    def __init__(self, sentence: str = "", *, current_version: int | None = None) -> None:
        super().__init__(
            sentence or self.sentence,
            code=self.rejection,
            status=self.http_status,
            current_version=current_version,
        )


class OrderUnknown(OrderRefused):
    """No order has this id."""

    rejection, sentence, http_status = "order_unknown", "There is no order with this id.", 404


class OrderAlreadyExists(OrderRefused):
    """Another order was created under this id."""

    rejection = "order_already_exists"
    sentence = "Another order has this id already; choose a new id."


class BirthDateInFuture(OrderRefused):
    """Nobody is examined before the day of birth: a slip, found before it is on every picture."""

    rejection = "birth_date_in_future"
    sentence = "The patient's date of birth lies in the future. Correct it, and order again."
    http_status = 422


class EquipmentUnknown(OrderRefused):
    """No room has this id."""

    rejection = "equipment_unknown"
    sentence, http_status = "There is no equipment with this id.", 404


class VersionStale(OrderRefused):
    """Somebody else was faster."""

    rejection = "version_stale"
    sentence = "This has been changed meanwhile; look at it again, and repeat if still wanted."
    http_status = 412


class StatusForbids(OrderRefused):
    """The order's status does not allow this step."""

    rejection, sentence = "status_forbids", "The status of the order does not allow this."


class SlotTaken(OrderRefused):
    """Room or patient has something else at that time."""

    rejection = "slot_taken"
    sentence = "The room or the patient has another appointment at that time; choose another."


class OutsideOpeningHours(OrderRefused):
    """The room is not open at that time."""

    rejection = "outside_opening_hours"
    sentence = "The room is not open for the whole exam at that time; choose another time."


class WrongModality(OrderRefused):
    """The room cannot do this exam."""

    rejection = "wrong_modality"
    sentence = "This room has another modality than the order asks for."


class NoFreeSlot(OrderRefused):
    """No room of this modality has a free slot."""

    rejection = "no_free_slot"
    sentence = "No room of this modality has a free slot; open a room or choose a time."


class TimeIsOver(OrderRefused):
    """An appointment cannot be made in the past."""

    rejection, sentence = "time_is_over", "The time lies in the past; choose a later one."


class IdentityNotVerified(OrderRefused):
    """Nobody is examined whose identity was not checked."""

    rejection = "identity_not_verified"
    sentence = "Compare two identifiers with the patient, then check in."
    http_status = 422


class NotCheckedIn(OrderRefused):
    """The exam cannot start before the patient is checked in."""

    rejection, sentence = "not_checked_in", "Check the patient in first."


class ScreeningMissing(OrderRefused):
    """The safety screening gate is closed: unanswered."""

    rejection = "screening_missing"
    sentence = "Answer the safety screening first."


class ScreeningContradictsOrder(OrderRefused):
    """An answer differs from what the orderer stated, and nobody says which is right."""

    rejection = "screening_contradicts_order"
    sentence = "The order says otherwise. Ask again, and confirm which is right and who said so."


class ScreeningNotPassed(OrderRefused):
    """The safety screening gate is closed: an answer forbids the exam."""

    rejection = "screening_not_passed"
    sentence = "An answer of the safety screening forbids the exam; a radiologist has to decide."


class OverrideNotAllowed(OrderRefused):
    """Only a radiologist may decide against the safety screening."""

    rejection = "override_not_allowed"
    sentence = "Only a radiologist can override the safety screening, with a reason."
    http_status = 403


class ClaimedByOther(OrderRefused):
    """Another radiologist is reading the case."""

    rejection, sentence = "claimed_by_other", "Another radiologist is reading this case."


class NotClaimed(OrderRefused):
    """There is no claim to release."""

    rejection, sentence = "not_claimed", "Nobody is reading this case."


class BlockUnknown(OrderRefused):
    """No blocked time has this id."""

    rejection = "block_unknown"
    sentence, http_status = "There is no blocked time with this id.", 404


class HoursInvalid(OrderRefused):
    """Opening hours end before they begin, or overlap."""

    rejection = "hours_invalid"
    sentence = "Opening hours must end after they begin, and must not overlap."
    http_status = 422
