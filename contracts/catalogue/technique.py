"""How an exam was done, as far as its order says so.

What must stay true: a template claims nothing that was not ordered. What the order leaves open
(which views, whether contrast was given) is a heading to fill, as in the findings.
"""

import re
from collections.abc import Mapping

_VIEWS = {
    r"\bpa\b": "PA",
    r"\bap\b": "AP",
    r"\blateral\b": "lateral",
    r"\bdecubitus\b": "decubitus",
    r"\b(portable|bedside)\b": "portable",
}
_APPROACHES = {
    r"\btransabdominal\b": "transabdominal",
    r"\b(transvaginal|endovaginal)\b": "transvaginal",
    r"\b(transrectal|endorectal)\b": "transrectal",
}
# In this order, since one holds the next. What may be given by another way is left open.
_CONTRAST = {
    r"\bwith or without\b|\b(oral|rectal)\b": "",
    r"\b(with|w) (and )?(without|wo|w o)\b|\bwithout and with\b": "before and after IV contrast",
    r"\b(without|wo|w o|no|non) (iv )?(contrast|gadolinium)\b|\b(noncontrast|unenhanced)\b": "none",
    r"\b(with|w|post|iv) (iv )?(contrast|gadolinium)\b|\bcontrast enhanced\b": "IV",
}


def said_by_order(study_type: str) -> Mapping[str, str]:
    """Return what the words of a study type say of how it is done; empty where they do not."""
    words = " ".join(re.findall(r"\w+", study_type.casefold()))
    contrast = (text for pattern, text in _CONTRAST.items() if re.search(pattern, words))
    return {
        "views": _all_named(words, _VIEWS),
        "approach": _all_named(words, _APPROACHES),
        "contrast": next(contrast, ""),
    }


def _all_named(words: str, names: Mapping[str, str]) -> str:
    return ", ".join(name for pattern, name in names.items() if re.search(pattern, words))
