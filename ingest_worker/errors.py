"""Every way ingest_worker can fail or must refuse, with the stable code that a caller sees."""

from typing import ClassVar

from services.errors import PermanentError, Refused


class HeaderContradictsEvent(PermanentError):
    """The event names other UIDs than the header of its object: its sender must be corrected."""

    code = "header_contradicts_event"


class ObjectElsewhere(PermanentError):
    """The object lies in another bucket than that of images, where no viewer would find it."""

    code = "object_elsewhere"


class ReportNotWritten(PermanentError):
    """The process that writes structured reports failed; it is tried again, ever more rarely."""

    code = "report_not_written"


class StudyRefused(Refused):
    """A request that the study's state forbids; subclasses say why."""

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


class StudyUnknown(StudyRefused):
    """No image of this study was received."""

    rejection, sentence, http_status = "study_unknown", "No image of this study has come.", 404


class OrderUnknown(StudyRefused):
    """No order has this id."""

    rejection, sentence, http_status = "order_unknown", "There is no order with this id.", 404


class OrderCancelled(StudyRefused):
    """A cancelled order takes no images."""

    rejection = "order_cancelled"
    sentence = "The order was cancelled; choose another, or make a new order."


class PatientDiffers(StudyRefused):
    """The images are of another patient than the order, as far as both say."""

    rejection = "patient_differs"
    sentence = "Images and order name different patients; confirm that they belong together."


class StudyNotMatched(StudyRefused):
    """There is no match to take back."""

    rejection, sentence = "study_not_matched", "The study is not matched to an order."


class StudyMatched(StudyRefused):
    """The study fulfils an order, so it cannot be kept as one without."""

    rejection = "study_matched"
    sentence = "The study is matched to an order; take the match back first."


class StudyOfOtherOrder(StudyRefused):
    """The study is not, or no longer, matched to the order that the request names."""

    rejection = "study_of_other_order"
    sentence = "The study is not matched to this order; open it again."


class MeasurementsStale(StudyRefused):
    """The reader saved from another window meanwhile."""

    rejection = "measurements_stale"
    sentence = "Your measurements were saved elsewhere meanwhile; reload them first."
    http_status = 412


class MeasuredElsewhere(StudyRefused):
    """A drawing is on another study than it says, or on one that is no prior of this one."""

    rejection = "measured_elsewhere"
    sentence = "One of the measurements is on a study that is no prior of this exam; delete it."


class MeasurementsTooLarge(StudyRefused):
    """More annotations than a snapshot can carry."""

    rejection = "measurements_too_large"
    sentence = "The study holds too many annotations; delete some of them."
    http_status = 413


class QuarantineUnknown(StudyRefused):
    """The study has no such instance in quarantine."""

    rejection = "quarantine_unknown"
    sentence, http_status = "The study has no such image in quarantine.", 404


class QuarantineDecided(StudyRefused):
    """Somebody decided before."""

    rejection, sentence = "quarantine_decided", "This was decided already."


class QuarantineDecisionStands(StudyRefused):
    """Nobody decided so, or too long ago."""

    rejection = "quarantine_decision_stands"
    sentence = "There is no such decision of the last seven days to take back."


class PriorUnknown(StudyRefused):
    """The other study is not here, not the same patient's, or not earlier."""

    rejection = "prior_unknown"
    sentence, http_status = "There is no earlier study of this patient with this UID.", 404


class NotesStale(StudyRefused):
    """Another reader wrote notes on the pair meanwhile."""

    rejection = "notes_stale"
    sentence = "Somebody else has written notes on this prior meanwhile; read them first."
    http_status = 412


class NotesTooLong(StudyRefused):
    """Longer than a snapshot can carry."""

    rejection = "notes_too_long"
    sentence = "Comparison notes have at most 2,000 characters; the rest belongs in the report."
    http_status = 422
