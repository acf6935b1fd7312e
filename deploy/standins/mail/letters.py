"""Mail as it was received: its envelope, and what of its content is shown. All of it is foreign."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern

# Written by us on top of each mail, as a mail server does; they survive in the maildir.
FROM, TO = "X-Envelope-From", "X-Envelope-To"


@dataclass(frozen=True)
class Letter:
    """One mail."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    headers: tuple[tuple[str, str], ...]
    text: str
    raw: bytes


def with_envelope(content: bytes, *, sender: str, recipients: list[str]) -> bytes:
    """Return the mail with its envelope written on top."""
    # Received comes last: a mail that begins with a folded line would continue our own header.
    to = (f"{TO}: <{recipient}>" for recipient in recipients)
    lines = [f"{FROM}: <{sender}>", *to, "Received: by mail.stand-in"]
    return "".join(line + "\r\n" for line in lines).encode("utf-8", "surrogateescape") + content


def read_letter(letter_id: str, raw: bytes, received_at: datetime | None = None) -> Letter:
    """Read a mail; one that is malformed is read as far as it goes."""
    message = message_from_bytes(raw, _class=EmailMessage, policy=modern)
    return Letter(
        id=letter_id,
        received_at=received_at or datetime.now(UTC),
        sender=_address(message.get(FROM, "")),
        recipients=tuple(_address(value) for value in message.get_all(TO, [])),
        subject=str(message.get("Subject", "")),
        message_id=str(message.get("Message-ID", "")).strip(),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_text(message),
        raw=raw,
    )


def _address(header: object) -> str:
    return str(header).strip().strip("<>")


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return "(This mail has no text.)"
    try:
        return str(body.get_content())
    except (LookupError, ValueError):  # an unknown character set
        return body.get_payload(decode=True).decode("latin-1")  # type: ignore[union-attr]
