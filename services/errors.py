"""The two kinds of failure; the class says what shall happen, its docstring what went wrong.

Each package derives its own errors from these in its `errors.py`. They know nothing of Kafka, DIMSE
or HTTP: each edge has one mapping from them.
"""

from typing import ClassVar


class PermanentError(Exception):
    """Trying again cannot help: to the dead letters, or back to whoever asked."""

    code: ClassVar[str] = "permanent_error"


class TransientError(Exception):
    """Trying again will help: back off and redeliver."""

    code: ClassVar[str] = "transient_error"
    patience_seconds: ClassVar[float | None] = None
    """After so long it counts as permanent. None: wait as long as it takes (a restart)."""


class Refused(PermanentError):
    """The owner says no to a request; becomes `request.rejected`, and is not a dead letter.

    Parameters
    ----------
    message : a sentence for a person that says what to do; never patient data.
    code : stable, for programs.
    status : HTTP status that fits, 4xx.
    current_version : version of the thing as it is, where a stale one was the reason.
    """

    def __init__(
        self, message: str, *, code: str, status: int = 409, current_version: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.rejection_code = code
        self.status = status
        self.current_version = current_version


class SettingsError(PermanentError):
    """A setting is missing or wrong; the message names the variable."""

    code = "settings_error"


class DatabaseUnavailable(TransientError):
    """PostgreSQL does not answer, restarts, or asks to try again (serialisation, deadlock)."""

    code = "database_unavailable"


class BrokerUnavailable(TransientError):
    """Kafka does not answer or did not confirm in time."""

    code = "broker_unavailable"


class ObjectStorageUnavailable(TransientError):
    """The S3 server does not answer, or answers 5xx."""

    code = "object_storage_unavailable"


class ObjectMissing(PermanentError):
    """The object store has no object under this key."""

    code = "object_missing"


class UnknownOutcome(TransientError):
    """Something was sent out and no answer came back: it may or may not have been accepted.

    Look it up at the other side before it is sent again.
    """

    code = "unknown_outcome"
