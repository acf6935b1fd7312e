"""Every way alert_worker can fail or must refuse, with the stable code that a caller sees."""

from typing import ClassVar

from services.errors import PermanentError, Refused, TransientError


class AlertRefused(Refused):
    """A request that the alert's state forbids; subclasses say why."""

    rejection: ClassVar[str]
    sentence: ClassVar[str]
    http_status: ClassVar[int] = 409

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.sentence, code=self.rejection, status=self.http_status)


class AlertUnknown(AlertRefused):
    """No alert has this id."""

    rejection, sentence, http_status = "alert_unknown", "There is no alert with this id.", 404


class NotYourAlert(AlertRefused):
    """Only who was notified can take responsibility."""

    rejection, http_status = "not_your_alert", 403
    sentence = "Only a person who was notified of this alert can do this."


class AlreadyAcknowledged(AlertRefused):
    """Somebody else has taken responsibility."""

    rejection = "already_acknowledged"
    sentence = "Somebody else has acknowledged this alert already."


class AlertClosed(AlertRefused):
    """The alert ended with a read-back."""

    rejection, sentence = "alert_closed", "This alert is closed; nothing more needs to be done."


class NotAcknowledged(AlertRefused):
    """A read-back belongs to whoever acknowledged."""

    rejection = "not_acknowledged_by_you"
    sentence = "Another person has acknowledged this alert and must read the finding back."


class FindingChanged(AlertRefused):
    """What was read back is not what the finding says by now."""

    rejection = "finding_changed"
    sentence = (
        "The finding was changed since you were told of it. Open it, read it again, and read back "
        "what it says now."
    )


class FindingWithdrawn(FindingChanged):
    """What was read back is not found any more."""

    sentence = (
        "The finding was withdrawn since you were told of it. Open it, read the report, and "
        "confirm that you know."
    )


class PersonUnknown(AlertRefused):
    """The ladder file knows no such person."""

    rejection, http_status = "person_unknown", 422
    sentence = "The on-call list does not know this person; choose somebody who is on it."


class ActorMissing(AlertRefused):
    """This request needs to know who asks."""

    rejection, http_status = "actor_missing", 422
    sentence = "This request must say who makes it."


class LinkUnknown(AlertRefused):
    """No message ever carried this link."""

    rejection, http_status = "link_unknown", 404
    sentence = "This link is not valid. Open the portal to see your alerts."


class LinkExpired(AlertRefused):
    """The link is too old."""

    rejection, http_status = "link_expired", 410
    sentence = "This link has expired. Open the portal to see your alerts."


class LinkUsed(AlertRefused):
    """A link works once."""

    rejection, http_status = "link_used", 410
    sentence = (
        "This link was used already; what was confirmed with it then is recorded. "
        "Open the portal to see your alerts."
    )


class WrongCode(AlertRefused):
    """The reply's code belongs to no message that this number got."""

    rejection, http_status = "wrong_code", 422
    sentence = "This code belongs to no open alert of yours. Open the portal or call radiology."


class TooManyWrongCodes(AlertRefused):
    """Somebody may be guessing codes."""

    rejection, http_status = "too_many_wrong_codes", 429
    sentence = (
        "Too many wrong codes came from this number; for an hour none is taken. "
        "Open the portal or the link, or answer the phone."
    )


class WrongKey(AlertRefused):
    """The key means nothing."""

    rejection, sentence, http_status = "wrong_key", "This key has no meaning.", 422


class VoicemailAnswered(AlertRefused):
    """A voicemail cannot take responsibility."""

    rejection = "voicemail_answered"
    sentence = "A voicemail answered this call; that is no acknowledgement."


class LadderInvalid(PermanentError):
    """The ladder file is wrong; the message names file, place and what to change."""

    code = "ladder_invalid"


class NumberTaken(TransientError):
    """A random code exists already; the next try draws another."""

    code = "number_taken"
