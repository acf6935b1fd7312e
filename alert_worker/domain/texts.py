"""Rule: what is written to whom. No message that leaves the house names a patient, an order or a
finding; it says how urgent it is, where to look, and how to confirm."""

from collections.abc import Mapping
from dataclasses import dataclass

from alert_worker.domain.alert import Purpose
from contracts.enumerations import CriticalCategory

URGENCY: Mapping[CriticalCategory, str] = {
    CriticalCategory.RED: "act within minutes",
    CriticalCategory.ORANGE: "act within hours",
    CriticalCategory.YELLOW: "act within days",
}


@dataclass(frozen=True)
class Letter:
    """What a text is made of.

    Parameters
    ----------
    link : one-time link to confirm. code : to reply by SMS. marker : finds this text again.
    withdrawn : the report was signed anew, without the finding.
    """

    hospital: str
    category: CriticalCategory
    purpose: Purpose
    link: str
    code: str
    marker: str
    withdrawn: bool = False


def sms_text(letter: Letter) -> str:
    """Return the text of an SMS: one segment where host and name of the hospital are short."""
    if letter.purpose is Purpose.REMIND:
        return (
            f"{letter.hospital}: you confirmed a {letter.category} critical imaging finding"
            f"{_withdrawn(letter)}; its read-back is missing. Open the portal. {letter.marker}"
        )
    if letter.withdrawn:
        return (
            f"{letter.hospital}: {letter.category} critical imaging finding{_withdrawn(letter)}. "
            f"Confirm: {letter.link} or reply {letter.code} {letter.marker}"
        )
    if letter.purpose is Purpose.REVISE:
        return (
            f"{letter.hospital}: {letter.category} critical imaging finding was CHANGED, look "
            f"again. Confirm: {letter.link} or reply {letter.code} {letter.marker}"
        )
    return (
        f"{letter.hospital}: {letter.category} critical imaging finding, {_urgency(letter)}. "
        f"Confirm: {letter.link} or reply {letter.code} {letter.marker}"
    )


def email_subject(letter: Letter) -> str:
    """Return the subject of an e-mail."""
    if letter.purpose is Purpose.REMIND:
        return f"Read-back missing: critical imaging finding{_withdrawn(letter)} {letter.marker}"
    if letter.purpose is Purpose.WITHDRAW:
        return f"{letter.category} critical imaging finding{_withdrawn(letter)} {letter.marker}"
    if letter.purpose is Purpose.REVISE and not letter.withdrawn:
        return f"{letter.category} critical imaging finding was changed: look again {letter.marker}"
    return (
        f"{letter.category} critical imaging finding{_withdrawn(letter)}: "
        f"please confirm {letter.marker}"
    )


def email_text(letter: Letter) -> str:
    """Return the text of an e-mail."""
    if letter.purpose is Purpose.REMIND:
        return (
            "You have confirmed a critical imaging finding for one of your patients.\n"
            f"{_since(letter)}"
            "It stays open until you read it back: open the portal, and write in your own words\n"
            "what was found and what you will do.\n\n"
            f"{letter.hospital} {letter.marker}\n"
        )
    if letter.purpose is Purpose.WITHDRAW:
        return (
            "You have confirmed a critical imaging finding for one of your patients.\n"
            f"{_since(letter)}"
            "You find it in the portal.\n\n"
            f"{letter.hospital} {letter.marker}\n"
        )
    if letter.purpose is Purpose.REVISE and not letter.withdrawn:
        return (
            "You were told of a critical imaging finding for one of your patients\n"
            f"(category {letter.category}: {_urgency(letter)}).\n"
            "Since then it was CHANGED. Open the portal, look at the finding again, and read it\n"
            "back as it is now.\n\n"
            "If nobody has confirmed yet, confirm that you take responsibility. The link works\n"
            "once:\n"
            f"{letter.link}\n\n"
            f"{letter.hospital} {letter.marker}\n"
        )
    return (
        "There is a critical imaging finding for one of your patients\n"
        f"(category {letter.category}: {_urgency(letter)}).\n"
        f"{_since(letter)}\n"
        "Confirm that you take responsibility. The link works once:\n"
        f"{letter.link}\n\n"
        "Then open the portal, look at the finding, and read it back. Until somebody has\n"
        "confirmed, others are called too.\n\n"
        f"{letter.hospital} {letter.marker}\n"
    )


def _withdrawn(letter: Letter) -> str:
    return ", withdrawn since" if letter.withdrawn else ""


def _since(letter: Letter) -> str:
    if not letter.withdrawn:
        return ""
    return "Since then it was WITHDRAWN: the report was signed anew without it. Read the report.\n"


def _urgency(letter: Letter) -> str:
    return URGENCY[letter.category]
