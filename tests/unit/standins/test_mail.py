"""Mail as it is read: foreign and malformed text does not stop the page."""

from hypothesis import given
from hypothesis import strategies as st

from deploy.standins.mail.letters import read_letter, with_envelope


def test_the_envelope_is_read_back_and_not_taken_from_the_mail() -> None:
    content = b"From: someone@else.example\r\nTo: x@else.example\r\nSubject: s\r\n\r\ntext\r\n"

    raw = with_envelope(content, sender="a@h.example", recipients=["b@h.example", "c@h.example"])
    letter = read_letter("1", raw)

    assert letter.sender == "a@h.example"
    assert letter.recipients == ("b@h.example", "c@h.example")
    assert letter.text.strip() == "text"


def test_a_mail_with_html_only_is_shown_as_its_source() -> None:
    letter = read_letter("1", b"Content-Type: text/html\r\n\r\n<b>bold</b>")

    assert letter.text == "<b>bold</b>"


def test_a_mail_without_text_says_so() -> None:
    letter = read_letter("1", b"Content-Type: image/png\r\n\r\nx")

    assert letter.text == "(This mail has no text.)"


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(content: bytes) -> None:
    raw = with_envelope(content, sender="a@h.example", recipients=["b@h.example"])

    assert read_letter("1", raw).recipients[0] == "b@h.example"
