"""Tokens and codes: drawn at random, told once, and kept as a hash where they open something.

What must stay true: nobody who reads the database can acknowledge with what he finds there. A reply
code is kept as it is, since it counts only together with the number that it comes from.
"""

import hashlib
import re
import secrets

_CODE_DIGITS = 6
_CODES_IN_A_TEXT = 2
"""So many are looked at: the code, and a number that a person writes beside it. Not a list."""


def new_token() -> str:
    """Return a token of 128 random bits, for a link or a call."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token. It is random enough to need no salt."""
    return hashlib.sha256(token.encode()).digest()


def new_reply_code() -> str:
    """Return a code that a person types into a reply."""
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}d}"


def codes_in(text: str) -> list[str]:
    """Return what could be a code in a reply: people write around it, and put blanks into it."""
    close = re.findall(rf"(?<!\d)\d{{{_CODE_DIGITS}}}(?!\d)", text)
    spread = re.findall(r"(?<!\d)(\d{3})[ -](\d{3})(?!\d)", text)
    found = dict.fromkeys([*close, *("".join(halves) for halves in spread)])
    return list(found)[:_CODES_IN_A_TEXT]
