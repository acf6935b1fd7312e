"""Every way report_consumer can fail or must refuse, with the stable code that a caller sees."""

from typing import ClassVar

from services.errors import PermanentError, Refused, TransientError


class ReportRefused(Refused):
    """A request that the report's or the order's state forbids; subclasses say why."""

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


class OrderUnknown(ReportRefused):
    """No order has this id."""

    rejection, sentence, http_status = "order_unknown", "There is no order with this id.", 404


class OrderCancelled(ReportRefused):
    """The exam will not take place."""

    rejection, sentence = "order_cancelled", "The order was cancelled; there is nothing to report."


class NoImagesYet(ReportRefused):
    """A report is made from images."""

    rejection, sentence = "no_images_yet", "There are no images of this order yet; wait for them."


class NotARadiologist(ReportRefused):
    """Reports are written and signed by radiologists."""

    rejection = "not_a_radiologist"
    sentence, http_status = "Only a radiologist can write and sign reports.", 403


class ReportVersionStale(ReportRefused):
    """Somebody else changed the text since it was opened."""

    rejection = "report_version_stale"
    sentence = "Somebody else has changed this report meanwhile; compare, then save again."


class ReportAlreadyFinal(ReportRefused):
    """A signed report is never edited."""

    rejection = "report_already_final"
    sentence = "This report is signed. To correct it, sign an amendment and give its reason."


class AmendmentWithoutFinal(ReportRefused):
    """Only a signed report can be amended."""

    rejection = "amendment_without_final"
    sentence = "This report was never signed: sign it without an amendment reason."


class ContentHashMismatch(ReportRefused):
    """What arrived is not what the signer's screen showed."""

    rejection = "content_hash_mismatch"
    sentence = "What arrived is not what your screen showed; reload the report and sign again."


class AuthenticationTooOld(ReportRefused):
    """A signature needs a person who has just proved who they are (21 CFR 11.200)."""

    rejection = "authentication_too_old"
    sentence, http_status = "Enter your PIN again: the last time is too long ago to sign.", 403


class CriticalFindingUnknown(ReportRefused):
    """The code is not in the catalogue."""

    rejection = "critical_finding_unknown"
    sentence = "The catalogue has no critical finding with this code; choose one, or 'other'."
    http_status = 422


class CriticalFindingMissing(ReportRefused):
    """An alert was asked for, and the report names no critical finding."""

    rejection = "critical_finding_missing"
    sentence = "Flag the critical finding and describe it before it is raised."
    http_status = 422


class CriticalCategoryTooLow(ReportRefused):
    """A STAT finding is never less urgent than the catalogue says."""

    rejection = "critical_category_too_low"
    sentence = "A STAT finding is RED: choose this category, or another finding."
    http_status = 422


class ReportTooLong(ReportRefused):
    """The report with all its versions does not fit into an event."""

    rejection = "report_too_long"
    sentence, http_status = "The report with all its versions is too long; shorten it.", 413


class OrderNotHereYet(TransientError):
    """The order's snapshot travels by another topic and may arrive a moment later."""

    code = "order_not_here_yet"


class NoFreeNumber(TransientError):
    """Every report number that was tried today is taken; another try takes others."""

    code = "no_free_number"


class SigningKeyInvalid(PermanentError):
    """The signing key cannot be used; the message says why, and never what the file holds."""

    code = "signing_key_invalid"


class DocumentInvalid(PermanentError):
    """The PDF could not be made: a fault of the template, for a developer."""

    code = "document_invalid"


class WorkflowRefused(TransientError):
    """The workflow service did not take the call-back; it is repeated later.

    The message is an HTTP status or the name of a network error.
    """

    code = "workflow_refused"
