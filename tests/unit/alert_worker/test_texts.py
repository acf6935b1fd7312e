"""What leaves the house says how urgent it is, where to look, how to confirm, and nothing else."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from alert_worker.codes import codes_in, new_reply_code, new_token, token_hash
from alert_worker.domain.alert import Purpose, alert_reference, marker
from alert_worker.domain.texts import Letter, email_subject, email_text, sms_text
from contracts.enumerations import CriticalCategory
from services.twiml import key_script, sms_reply, voice_script
from tests.harness.alerts import finding


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own documents


LETTER = Letter(
    hospital="Radiology",
    category=CriticalCategory.RED,
    purpose=Purpose.NOTIFY,
    link="https://r.example/acknowledge/" + "x" * 22,
    code="123456",
    marker="(CF-ABCDEF-2)",
)


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("withdrawn", [False, True])
def test_sms_fits_into_one_segment(purpose: Purpose, withdrawn: bool) -> None:
    assert len(sms_text(replace(LETTER, purpose=purpose, withdrawn=withdrawn))) <= 160


@pytest.mark.parametrize("purpose", Purpose)
def test_texts_say_that_a_finding_was_withdrawn(purpose: Purpose) -> None:
    letter = replace(LETTER, purpose=purpose, withdrawn=True)

    assert "withdrawn since" in sms_text(letter)
    assert "withdrawn since" in email_subject(letter)
    assert "WITHDRAWN" in email_text(letter)


def test_texts_say_that_a_finding_was_changed_and_how_to_confirm_it() -> None:
    letter = replace(LETTER, purpose=Purpose.REVISE)

    assert "CHANGED" in sms_text(letter)
    assert letter.link in sms_text(letter)
    assert letter.code in sms_text(letter)
    assert "changed" in email_subject(letter)
    assert "CHANGED" in email_text(letter)
    assert letter.link in email_text(letter)


def test_texts_carry_link_code_and_marker() -> None:
    assert all(part in sms_text(LETTER) for part in (LETTER.link, LETTER.code, LETTER.marker))
    assert LETTER.link in email_text(LETTER)
    assert LETTER.marker in email_subject(LETTER)


def test_marker_of_one_attempt_is_not_part_of_another() -> None:
    """Otherwise the lookup of attempt 1 would find attempt 11."""
    assert marker("CF-ABCDEF", 1) not in marker("CF-ABCDEF", 11)


def test_reference_says_nothing_of_the_alert_and_differs_by_try() -> None:
    alert_id = finding().alert_id

    assert alert_reference(alert_id, 0) != alert_reference(alert_id, 1)
    assert len(alert_reference(alert_id, 0)) == 9


def test_codes_are_found_in_what_people_write() -> None:
    assert codes_in("OK 123456, coming") == ["123456"]
    assert codes_in("123 456") == ["123456"]
    assert codes_in("call +12025550105") == []
    assert codes_in("12345") == []


def test_a_list_of_codes_is_no_reply() -> None:
    """Else one text would try two hundred of them."""
    assert codes_in("111111 222222 333333 444 444") == ["111111", "222222"]


def test_tokens_are_not_alike_and_their_hash_tells_nothing() -> None:
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert all(token.encode() not in token_hash(token) for token in tokens)
    assert all(len(new_reply_code()) == 6 for _ in range(1000))


def test_call_asks_for_a_key_three_times_and_a_voicemail_hears_no_question() -> None:
    script = parsed(voice_script(action_url="https://r.example/v?a=1&b=2", hospital="R & D"))
    machine = voice_script(
        action_url="https://r.example", hospital="R", answered_by="machine_start"
    )

    assert [element.tag for element in script] == ["Gather", "Gather", "Gather", "Say"]
    assert script[0].attrib["action"] == "https://r.example/v?a=1&b=2"
    assert "Gather" not in machine
    assert "Press" not in machine


def test_wrong_key_is_followed_by_the_question_again() -> None:
    again = parsed(key_script("Wrong key.", action_url="https://r.example", hospital="R"))
    done = parsed(key_script("Thank you."))

    assert [element.tag for element in again][:2] == ["Say", "Gather"]
    assert [element.tag for element in done] == ["Say", "Hangup"]
    assert parsed(sms_reply("<b>")).findtext("Message") == "<b>"
