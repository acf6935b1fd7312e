"""Rules of the telephony stand-in that need no server."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from deploy.standins.telephony.resources import fits, page_of
from deploy.standins.telephony.twiml import (
    BadTwiml,
    Gather,
    Hangup,
    Pause,
    Redirect,
    Say,
    Unknown,
    parse_twiml,
)
from deploy.standins.telephony.webhooks import signature

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@given(form=st.dictionaries(words.filter(bool), words, max_size=8), token=words.filter(bool))
def test_signatures_are_those_that_twilios_validator_wants(
    form: dict[str, str], token: str
) -> None:
    url = "https://radiology.example/api/radiology/twilio/messages?attempt=7"

    assert RequestValidator(token).validate(url, form, signature(token, url, form))


def test_a_document_becomes_verbs_in_their_order() -> None:
    verbs = parse_twiml(
        """<Response>
             <Say voice="alice" loop="2">A <emphasis>critical</emphasis>
                result.</Say>
             <Pause length="3"/>
             <Gather numDigits="4" timeout="9" finishOnKey="*" action="/x?a=1&amp;b=2" method="GET">
               <Say>Your PIN.</Say>
             </Gather>
             <Dial>911</Dial>
             <Redirect method="POST">/again</Redirect>
             <Hangup/>
           </Response>"""
    )

    assert verbs == (
        Say("A critical result."),
        Say("A critical result."),
        Pause(3),
        Gather((Say("Your PIN."),), "/x?a=1&b=2", "GET", 9, 4, "*", action_on_empty=False),
        Unknown("Dial"),
        Redirect("/again", "POST"),
        Hangup(),
    )


@pytest.mark.parametrize(
    "document",
    [
        "",
        "hello",
        "<Response>",
        "<Other/>",
        '<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>',
    ],
)
def test_what_is_no_twiml_is_refused(document: str) -> None:
    with pytest.raises(BadTwiml):
        parse_twiml(document)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, True),
        ({"DateSent": "2025-11-12"}, True),
        ({"DateSent": "2025-11-13"}, False),
        ({"DateSent<": "2025-11-12"}, True),
        ({"DateSent<": "2025-11-11"}, False),
        ({"DateSent>": "2025-11-12T10:00:00Z"}, True),
        ({"DateSent>": "2025-11-12T10:00:01Z"}, False),
        ({"DateSent>": "2025-11-12T00:00:00Z", "DateSent<": "2025-11-12T09:59:59Z"}, False),
    ],
)
def test_bounds_of_time_belong_to_the_range(query: dict[str, str], expected: bool) -> None:
    moment = datetime(2025, 11, 12, 10, 0, 0, 999, tzinfo=UTC)

    assert fits(moment, query, "DateSent") is expected


def test_what_has_no_time_yet_is_left_out_of_a_range() -> None:
    assert fits(None, {}, "DateSent")
    assert not fits(None, {"DateSent>": "2020-01-01"}, "DateSent")


@given(count=st.integers(0, 30), size=st.integers(1, 12))
def test_pages_hold_every_item_once_and_end(count: int, size: int) -> None:
    query, seen = {"PageSize": str(size), "To": "+1"}, []
    for number in range(count // size + 2):
        page = page_of(
            list(range(count)),
            lambda item: {"item": item},
            key="items",
            path="/p",
            query=query | {"Page": str(number)},
        )
        seen += [entry["item"] for entry in page["items"]]
        if page["next_page_uri"] is None:
            break
        assert page["next_page_uri"].startswith(f"/p?To=%2B1&PageSize={size}&Page={number + 1}")

    assert seen == list(range(count))
