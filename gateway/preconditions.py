"""Which version a caller has seen, from `If-Match` or `expectedVersion`: one rule for every write.

What must stay true: a version that was named is honoured by the owner, who refuses a stale one. Who
replaces a whole thing must name one (428); a step of an order need not, its status guards it.
"""

import re
from typing import Annotated

from fastapi import Depends, Header

from gateway.errors import BadRequest, PreconditionRequired

_ETAG = re.compile(r'^(?:W/)?"([0-9]{1,9})"$')
_IF_MATCH = Header(
    alias="If-Match",
    description='ETag of the version that was seen, as `"3"`; a stale one is refused',
)


def _of_if_match(if_match: Annotated[str | None, _IF_MATCH] = None) -> int | None:
    """Return the version that is named; None when the header is not sent, or is `*`."""
    sent = "*" if if_match is None else if_match.strip()
    if sent == "*":
        return None
    match = _ETAG.match(sent)
    if match is None:
        raise BadRequest("If-Match must be an ETag that was sent with this thing.")
    return int(match[1])


SeenVersion = Annotated[int | None, Depends(_of_if_match)]
"""Of a route that reads If-Match; behind `asked`, since who may not ask is told that first."""


def one_of(in_header: int | None, in_body: int | None) -> int | None:
    """Return the version that a caller named in either place; in both, it must be the same."""
    if in_body is None:
        return in_header
    if in_header not in (None, in_body):
        raise BadRequest("If-Match and expectedVersion name different versions. Send one of them.")
    return in_body


def required(version: int | None) -> int:
    """Return the version, which must have been named; `PreconditionRequired` otherwise."""
    if version is None:
        raise PreconditionRequired
    return version
