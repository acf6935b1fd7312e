"""The base of every message: frozen, camelCase on the wire, and silent about its input.

`hide_input_in_errors` keeps patient data out of the text of a validation error, which ends up in
logs and in dead letters. Unknown fields are ignored, so that an old reader survives a new writer.
"""

import unicodedata
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel


class Contract(BaseModel):
    """A message or a part of one."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        hide_input_in_errors=True,
        ser_json_bytes="base64",
    )

    def to_json(self) -> bytes:
        """Return the JSON as it goes over the wire."""
        return self.model_dump_json(by_alias=True).encode()


_is_sent_now = ContextVar("_is_sent_now", default=False)


class RequestBody(Contract):
    """What somebody sends to the API now, and can be told to send rightly.

    Here a `Line` that is none is refused. What is stored or was published already is not: its
    writer is gone, and an old event that no longer loads would stop its reader for ever.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_what_is_no_line(cls, sent: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        token = _is_sent_now.set(True)
        try:
            return handler(sent)
        finally:
            _is_sent_now.reset(token)


_LEAST_YEAR, _MOST_YEAR = 1850, 2200
"""What a hospital can mean; near the ends of the calendar a zone or a duration leaves it."""


DateOrTime = TypeVar("DateOrTime", date, datetime)


def _in_this_age(value: DateOrTime) -> DateOrTime:
    if not _LEAST_YEAR <= value.year <= _MOST_YEAR:
        raise ValueError(f"the year must be between {_LEAST_YEAR} and {_MOST_YEAR}")
    return value


def _in_utc(moment: datetime) -> datetime:
    return _in_this_age(moment).astimezone(UTC)


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day is the hospital's and has no zone of its own")
    return value


def _without_control_characters(text: str) -> str:
    # PostgreSQL refuses U+0000 in text, and no other control character has a meaning on a page.
    return "".join(c for c in text if c >= " " or c in "\n\t").strip()


def _of_one_line(text: str) -> str:
    text = text.strip()
    # A number must not become another one by leaving out what cannot be seen in it.
    if _is_sent_now.get() and any(unicodedata.category(c) in _NO_LINE for c in text):
        raise ValueError("must be one line, without line breaks or control characters")
    return _without_control_characters(text)


_NO_LINE = frozenset({"Cc", "Zl", "Zp"})
"""Control characters, line and paragraph separators, as Unicode names its categories."""

UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment with a zone, kept in UTC."""

Day = Annotated[date, AfterValidator(_in_this_age)]
"""A day in the hospital's zone."""

TimeOfDay = Annotated[time, AfterValidator(_without_zone)]
"""A time in the hospital's zone."""

Line = Annotated[str, AfterValidator(_of_one_line), StringConstraints(max_length=255)]
"""A short text of one line."""

LongString = Annotated[str, AfterValidator(_of_one_line), StringConstraints(max_length=64)]
"""One line that fits into DICOM's LO (PS3.5 section 6.2)."""

Text = Annotated[
    str, AfterValidator(_without_control_characters), StringConstraints(max_length=65_536)
]
"""A long text: at most 65,536 characters."""

RequiredLine = Annotated[
    str,
    AfterValidator(_of_one_line),
    StringConstraints(min_length=1, max_length=255, strip_whitespace=True),
]
"""A short text that must say something."""

RequiredText = Annotated[
    str,
    AfterValidator(_without_control_characters),
    StringConstraints(min_length=1, max_length=65_536, strip_whitespace=True),
]
"""A long text that must say something."""
