"""Errors: problem details (RFC 9457) with a stable code and a sentence for a person."""

from pydantic import Field

from contracts.base import Contract


class FieldProblem(Contract):
    """What is wrong with one field; never its value."""

    field: str = Field(description="Path of the field, as patient.name")
    message: str


class Problem(Contract):
    """`application/problem+json`."""

    type: str = Field(description="urn:radiology:problem:<code>")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="A sentence for a person that says what to do")
    code: str = Field(description="Stable, for programs, as slot_taken")
    request_id: str = ""
    errors: tuple[FieldProblem, ...] = ()
    current_version: int | None = Field(
        default=None, description="Version of the thing now, when a stale one was the reason"
    )


PROBLEM_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:radiology:problem:"
