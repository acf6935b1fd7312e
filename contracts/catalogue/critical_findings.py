"""Critical findings by code, and which one a text names.

What must stay true: the six STAT findings of the specification are in the catalogue, and a finding
without a code still finds its kind: `other` at the least, never none.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import Field

from contracts.base import Contract
from contracts.enumerations import CriticalCategory, Modality

OTHER = "other"

_GAP = r"[\s-]+(?:(?!no\b|not\b|without\b)\w+[\s-]+){0,5}?"
"""What … stands for in a synonym; the portals read the synonyms alike."""


class CriticalFindingKind(Contract):
    """One line of the catalogue."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: str = Field(min_length=1, max_length=255)
    category: CriticalCategory = Field(description="ACR: how soon it must be communicated")
    stat: bool = Field(default=False, description="One of the specification's STAT findings")
    modalities: tuple[Modality, ...] = Field(min_length=1, description="Where it is offered")
    synonyms: tuple[str, ...] = ()

    @property
    def urgency(self) -> int:
        """Return 0 for the most urgent category, and more for those that can wait."""
        return urgency(self.category)


def urgency(category: CriticalCategory) -> int:
    """Return 0 for RED, 1 for ORANGE, 2 for YELLOW."""
    return tuple(CriticalCategory).index(category)


@cache
def critical_findings() -> Mapping[str, CriticalFindingKind]:
    """Return the catalogue by code, in the order of the file."""
    text = files(__package__).joinpath("critical_findings.yaml").read_text(encoding="utf-8")
    kinds = [CriticalFindingKind.model_validate(entry) for entry in yaml.safe_load(text)]
    by_code = {kind.code: kind for kind in kinds}
    if len(by_code) != len(kinds):
        raise ValueError("critical_findings.yaml: a code stands twice")
    return by_code


def named_in(text: str) -> CriticalFindingKind:
    """Return the kind that a text written for a critical finding names; `other` when none.

    The most urgent one is taken, STAT before others: the text stands for what must be told first.
    """
    named = [kind for kind in critical_findings().values() if _names(kind, text)]
    return min(named, key=lambda k: (not k.stat, k.urgency), default=critical_findings()[OTHER])


def _names(kind: CriticalFindingKind, text: str) -> bool:
    return bool(kind.synonyms) and bool(_pattern(kind.code).search(text))


@cache
def _pattern(code: str) -> re.Pattern[str]:
    words = (
        re.escape(s).replace(r"\ …\ ", _GAP).replace(r"\ ", r"[\s-]+").replace(r"\*", r"\w*")
        for s in critical_findings()[code].synonyms
    )
    return re.compile(rf"(?<!\w)(?<!\bnon[\s-])(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
