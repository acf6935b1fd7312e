"""TwiML: the XML that tells a call what to do, as verbs that the call plays one after another, and
what to answer to an SMS."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET


class BadTwiml(Exception):
    """The document is no TwiML; Twilio ends the call (its error 12100)."""


@dataclass(frozen=True)
class Say:
    """Speak a text."""

    text: str


@dataclass(frozen=True)
class Pause:
    """Be silent."""

    seconds: float


@dataclass(frozen=True)
class Gather:
    """Listen for keys while the prompts play, and for `timeout_seconds` after them."""

    prompts: tuple[Say | Pause, ...]
    action: str
    method: str
    timeout_seconds: float
    digits: int | None
    finish_on: str
    action_on_empty: bool


@dataclass(frozen=True)
class Redirect:
    """Go on with another document."""

    url: str
    method: str


@dataclass(frozen=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True)
class Unknown:
    """A verb that this stand-in does not play; Twilio warns and goes on (its error 12200)."""

    name: str


Verb = Say | Pause | Gather | Redirect | Hangup | Unknown


def parse_twiml(document: str) -> tuple[Verb, ...]:
    """Return the verbs of a document in their order."""
    return tuple(verb for element in _root(document) for verb in _verbs(element))


def messages_in(document: str) -> tuple[str, ...]:
    """Return the texts that the answer to an SMS sends back."""
    return tuple(_text(element) for element in _root(document) if element.tag == "Message")


def _root(document: str) -> ET.Element:
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        raise BadTwiml("a document type is not allowed")
    try:
        root = ET.fromstring(document)  # noqa: S314 - see above: no entity can be declared
    except ET.ParseError as error:
        raise BadTwiml("not well-formed XML") from error
    if root.tag != "Response":
        raise BadTwiml("the root element is not Response")
    return root


def _verbs(element: ET.Element) -> list[Verb]:
    match element.tag:
        case "Gather":
            return [_gather(element)]
        case "Redirect":
            return [Redirect(_text(element), element.get("method", "POST").upper())]
        case "Hangup" | "Reject":
            return [Hangup()]
        case _:
            return list(_prompts(element)) or [Unknown(element.tag)]


def _prompts(element: ET.Element) -> list[Say | Pause]:
    match element.tag:
        case "Say":
            return [Say(_text(element))] * int(element.get("loop", "1") or "1")
        case "Play":
            return [Say(f"(plays {_text(element)})")]
        case "Pause":
            return [Pause(float(element.get("length", "1")))]
        case _:
            return []


def _gather(element: ET.Element) -> Gather:
    timeout = element.get("timeout", "5")
    digits = element.get("numDigits")
    return Gather(
        prompts=tuple(prompt for child in element for prompt in _prompts(child)),
        action=element.get("action", ""),
        method=element.get("method", "POST").upper(),
        timeout_seconds=5 if timeout == "auto" else float(timeout),
        digits=int(digits) if digits else None,
        finish_on=element.get("finishOnKey", "#"),
        action_on_empty=element.get("actionOnEmptyResult", "false") == "true",
    )


def _text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
