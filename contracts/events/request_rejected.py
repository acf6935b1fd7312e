"""`request.rejected`: the owner must refuse; a stable code and a sentence for a person."""

from pydantic import Field

from contracts.base import Contract

COULD_NOT_BE_HANDLED = "could_not_be_handled"
"""Code of a request that was set aside as a dead letter. It alone is not the last word: a replay
may fulfil the request, or refuse it, and that is what counts then."""


class RequestRejected(Contract):
    """Why a request was not carried out; the envelope's causation id says which."""

    code: str = Field(max_length=64, pattern=r"^[a-z0-9_]+$", description="Stable, as slot_taken")
    message: str = Field(max_length=1000, description="For a person; says what to do")
    status: int = Field(default=409, ge=400, le=499, description="HTTP status that fits")
    subject: str = Field(max_length=255)
    topic: str = Field(max_length=255, description="Topic of the refused request")
    current_version: int | None = None
