"""The way to the mail server: a mail is accepted, refused for good, put off, or of unknown outcome.

What must stay true: nothing that a person typed becomes a header or an address by itself, and an
error tells whether the mail was handed over. A repeated mail carries the same Message-ID, which the
caller chooses, so that a mailbox can drop the second.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, parseaddr
from unicodedata import category

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from services.clock import utc_now
from services.errors import PermanentError, TransientError, UnknownOutcome
from services.settings import Settings


class MailSettings(Settings):
    """The mail server of the hospital."""

    model_config = SettingsConfigDict(env_prefix="SMTP_")

    host: str = Field(default="127.0.0.1", description="Mail server")
    port: int = Field(default=2525, ge=1, le=65535, description="Its port; 587 with STARTTLS")
    starttls: bool = Field(default=False, description="Encrypt, and check the certificate")
    ssl_cafile: str = Field(default="", description="PEM file of its authority; empty: system's")
    username: str = Field(default="", description="Empty: no sign-in")
    password: SecretStr = Field(default=SecretStr(""), description="Its password")
    sender: str = Field(
        default="Radiology <radiology@hospital.example>", description="From of every mail"
    )
    timeout_seconds: float = Field(default=10, gt=0, le=120, description="Limit of each answer")

    @field_validator("sender")
    @classmethod
    def _is_mailbox(cls, value: str) -> str:
        if not _is_line(value) or not _is_address(parseaddr(value)[1]):
            raise ValueError("is no mailbox, as Radiology <radiology@hospital.example>")
        return value

    @model_validator(mode="after")
    def _no_password_in_clear(self) -> "MailSettings":
        if self.username and not self.starttls:
            raise ValueError("SMTP_USERNAME needs SMTP_STARTTLS=true")
        return self


class MailRefused(PermanentError):
    """The mail server will never take this mail (5xx), or it cannot be written as a mail."""

    code = "mail_refused"

    def __init__(self, message: str, *, smtp_code: int | None = None) -> None:
        super().__init__(message)
        self.smtp_code = smtp_code


class MailDeferred(TransientError):
    """The mail server took nothing and may later (4xx), or is out of reach."""

    code = "mail_deferred"


class Mailer:
    """Sends one mail per connection."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        message_id: str,
        date: datetime | None = None,
    ) -> None:
        """Hand a mail to the server; returns when the server has taken it.

        Parameters
        ----------
        message_id : with angle brackets, the same for every try of the same mail.

        Raises
        ------
        MailRefused : 5xx, or an address or header that cannot be.
        MailDeferred : 4xx, or no connection; nothing was taken.
        UnknownOutcome : no answer after the text was sent.
        """
        message = self._compose(
            to=to, subject=subject, text=text, message_id=message_id, date=date or utc_now()
        )
        async with self._connection() as server:
            await _before_data(server, sender=parseaddr(self._settings.sender)[1], to=to)
            await _data(server, message.as_bytes(policy=WIRE))

    def _compose(
        self, *, to: str, subject: str, text: str, message_id: str, date: datetime
    ) -> EmailMessage:
        if not _is_address(to):
            raise MailRefused("the recipient is no mail address")
        if not re.fullmatch(r"<[!-;=?A-~]+@[!-;=?A-~]+>", message_id):
            raise MailRefused("the Message-ID has not the form <...@...>")
        if not _is_line(subject):
            # EmailMessage refuses most line breaks in a header, but not a lone carriage return.
            raise MailRefused("the subject is not one line of text")
        message = EmailMessage()
        message["From"] = self._settings.sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(date)
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies (RFC 3834)
        message.set_content(text.encode("utf-8", "replace").decode())
        return message

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        settings = self._settings
        server = SMTP(
            hostname=settings.host,
            port=settings.port,
            start_tls=settings.starttls,
            cert_bundle=settings.ssl_cafile or None,
            username=settings.username or None,
            password=settings.password.get_secret_value() or None,
            timeout=settings.timeout_seconds,
        )
        try:
            await server.connect()
        except SMTPResponseException as error:
            raise _refusal(error.code) from None
        except (SMTPException, OSError, ValueError):
            raise MailDeferred("no connection to the mail server") from None
        try:
            yield server
        finally:
            # The mail is taken or not by now: QUIT would only wait for a server that hangs.
            server.close()


async def _before_data(server: SMTP, *, sender: str, to: str) -> None:
    try:
        await server.mail(sender)
        await server.rcpt(to)
    except SMTPResponseException as error:
        raise _refusal(error.code) from None
    except (SMTPException, OSError):
        raise MailDeferred("the mail server did not answer before the text was sent") from None


async def _data(server: SMTP, message: bytes) -> None:
    try:
        await server.data(message)
    except SMTPResponseException as error:
        if 400 <= error.code < 600:
            raise _refusal(error.code) from None
        raise UnknownOutcome("the mail server's answer to the text makes no sense") from None
    except (SMTPException, OSError):
        raise UnknownOutcome("the mail server did not answer after the text was sent") from None


def _refusal(code: int) -> Exception:
    # The server's text may quote the address: only its number is passed on.
    sentence = f"the mail server answered {code}"
    return MailRefused(sentence, smtp_code=code) if code >= 500 else MailDeferred(sentence)


def _is_address(text: str) -> bool:
    # One plain address: no name, no list, no quoting, nothing that a parser could read in two ways.
    return bool(
        re.fullmatch(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text, re.ASCII)
    )


def _is_line(text: str) -> bool:
    """Return whether a text has no control character, line separator or half of a character."""
    return not any(category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text)
