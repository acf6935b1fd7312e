"""What the mailer refuses before it sends; what a server does is in the integration tests."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.mail import Mailer, MailRefused, MailSettings

AT = datetime(2025, 11, 12, 10, 0, tzinfo=UTC)
MAIL = {
    "to": "john.smith@hospital.example",
    "subject": "Critical result",
    "text": "A result needs you.",
    "message_id": "<attempt-7@radiology.example>",
}


@pytest.fixture
def mailer() -> Mailer:
    # Nobody listens there: a mail that is not refused before would be put off, and not refused.
    return Mailer(MailSettings(host="127.0.0.1", port=9))


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Critical\r\nBcc: everybody@else.example"},
        {"subject": "Critical\nresult"},
        {"subject": "Critical\rBcc: everybody@else.example"},
        {"subject": "Critical\u2028result"},
        {"to": "john.smith@hospital.example\r\nBcc: everybody@else.example"},
        {"to": "john.smith@hospital.example, everybody@else.example"},
        {"to": "John Smith <john.smith@hospital.example>"},
        {"to": "jöhn@hospital.example"},
        {"to": "john.smith"},
        {"to": ""},
        {"message_id": "attempt-7"},
        {"message_id": "<a@b>\r\nBcc: everybody@else.example"},
        {"message_id": "<a b@c>"},
    ],
)
async def test_nothing_that_was_typed_becomes_a_header_or_an_address(
    mailer: Mailer, changes: dict[str, str]
) -> None:
    with pytest.raises(MailRefused):
        await mailer.send(**MAIL | changes)


@given(subject=st.text(max_size=80), text=st.text(max_size=300))
def test_any_text_gives_a_mail_with_the_same_headers_or_none(subject: str, text: str) -> None:
    mailer = Mailer(MailSettings())
    try:
        message = mailer._compose(**MAIL | {"subject": subject, "text": text}, date=AT)
    except MailRefused:
        return

    read = message_from_bytes(message.as_bytes(policy=SMTP), policy=default)

    names = [name for name in read if not name.lower().startswith(("content-", "mime-"))]
    assert names == ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
    assert read["To"] == MAIL["to"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_SENDER", "not an address"),
        ("SMTP_USERNAME", "somebody"),  # without STARTTLS it would go in clear
        ("SMTP_PORT", "0"),
    ],
)
def test_wrong_settings_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError):
        MailSettings()
