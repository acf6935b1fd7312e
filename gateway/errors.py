"""Every way in which the edge says no; each has a status, a stable code and a sentence."""

from typing import ClassVar

from services.errors import PermanentError


class ProblemError(PermanentError):
    """An answer that is an error; `message` is for a person and never quotes the input."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request was not understood"
    sentence: ClassVar[str] = "The request was not understood."

    def __init__(
        self,
        message: str = "",
        *,
        headers: dict[str, str] | None = None,
        status: int | None = None,
        code: str | None = None,
        current_version: int | None = None,
    ) -> None:
        super().__init__(message or self.sentence)
        self.message = message or self.sentence
        self.headers = headers or {}
        self.http_status = status or self.status
        self.http_code = code or self.code
        self.current_version = current_version


class BadRequest(ProblemError):
    """A header or parameter cannot be read."""


class NotSignedIn(ProblemError):
    """No session, or it has ended; sign in again."""

    status = 401
    code = "not_signed_in"
    title = "Not signed in"
    sentence = "You are not signed in, or your session has ended. Sign in again."


class NotAllowed(ProblemError):
    """The role does not allow this, for anybody's cases or for this one."""

    status = 403
    code = "not_allowed"
    title = "Not allowed"
    sentence = "Your role does not allow this."


class ForeignPage(ProblemError):
    """The request comes from a page that is not ours, or lacks its CSRF token."""

    status = 403
    code = "foreign_page"
    title = "Request from another page"
    sentence = "This request did not come from our own pages. Reload the page and try again."


class BadCredential(ProblemError):
    """The bearer credential is wrong, or may not act in this role."""

    status = 401
    code = "bad_credential"
    title = "Credential refused"
    sentence = "The credential is not valid here."


class NotFound(ProblemError):
    """It is not there, or not for this person: the two cannot be told apart from outside."""

    status = 404
    code = "not_found"
    title = "Not found"
    sentence = "This does not exist, or you may not see it."


class DocumentNotReady(ProblemError):
    """The PDF is still being made; ask again in a moment."""

    status = 404
    code = "document_not_ready"
    title = "Document not ready"
    sentence = "The document is being made. Try again in a moment."


class ImagesNotReady(ProblemError):
    """Images came a moment ago, and where they lie is not written down yet."""

    status = 503
    code = "images_not_ready"
    title = "Images not ready"
    sentence = "Images of this study came a moment ago and are still filed. Try again in a moment."


class ImageNotDrawable(ProblemError):
    """The object has no image, or none that a decoder of ours can read; it is kept as it came."""

    status = 422
    code = "image_not_drawable"
    title = "No picture"
    sentence = "No picture can be made of this object."


class DeadLetterDecided(ProblemError):
    """It is settled already, or open already: somebody was faster."""

    status = 409
    code = "dead_letter_decided"
    title = "Decided meanwhile"
    sentence = "Somebody else has decided over this one in the meantime."


class UnsupportedMediaType(ProblemError):
    """The body is of a type that this route does not take."""

    status = 415
    code = "unsupported_media_type"
    title = "Type of the body not supported"
    sentence = "Send the body as application/json."


class MalformedJson(ProblemError):
    """The body is no JSON at all; where in it is left out, since it may name a patient."""

    code = "malformed_json"
    title = "Body is no JSON"
    sentence = "The body cannot be read as JSON in UTF-8. Nothing was done."


class PreconditionRequired(ProblemError):
    """Two may edit this: the version that was edited must be named."""

    status = 428
    code = "version_required"
    title = "Version required"
    sentence = "Name the version that you edited: send If-Match or expectedVersion."


class KeyReused(ProblemError):
    """The Idempotency-Key was used for another request."""

    status = 422
    code = "idempotency_key_reused"
    title = "Idempotency key reused"
    sentence = "This Idempotency-Key was used for another request. Choose a new one."


class PinNotSet(ProblemError):
    """The person has no signing PIN yet."""

    status = 409
    code = "pin_not_set"
    title = "No signing PIN"
    sentence = "You have no signing PIN yet. Set one in your profile, then sign."


class PinWrong(ProblemError):
    """The signing PIN is wrong."""

    status = 403
    code = "pin_wrong"
    title = "Wrong PIN"
    sentence = "The signing PIN is wrong. Nothing was signed."


class PinLocked(ProblemError):
    """Too many wrong PINs; it is locked for some minutes."""

    status = 429
    code = "pin_locked"
    title = "PIN locked"
    sentence = "Too many wrong PINs. Signing is locked for 15 minutes."


class SignInFailed(ProblemError):
    """The identity provider's answer cannot be trusted or understood; nobody was signed in."""

    status = 400
    code = "sign_in_failed"
    title = "Sign-in failed"
    sentence = "The sign-in did not succeed. Please try again."


class SignatureInvalid(ProblemError):
    """A call-back does not carry the provider's signature."""

    status = 403
    code = "signature_invalid"
    title = "Signature invalid"
    sentence = "The call-back is not signed by the provider."


class OwnerRefused(ProblemError):
    """The owner of the data said no; its own code, status and sentence are passed on."""

    title = "Refused"
