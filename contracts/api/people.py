"""Who is signed in, what this person may do, and whom one can choose."""

from datetime import datetime

from pydantic import Field

from contracts.api.paging import Filter, Page
from contracts.base import Contract, Line, RequestBody, UtcDatetime
from contracts.enumerations import Role


class Me(Contract):
    """The person who is signed in."""

    id: str
    name: str
    roles: tuple[Role, ...]
    permissions: dict[str, str] = Field(description="Action -> 'any' or 'own'; absent: never")
    can_sign: bool = Field(description="A signing PIN is set")
    session_expires_at: UtcDatetime | None = Field(
        default=None, description="When one must sign in again, whatever one does"
    )
    idle_seconds: int = Field(description="Without a request for so long, the session ends")
    live_position: str = Field(
        description="`?position=` of the live view with which nothing after this answer is missed"
    )


class Configuration(Contract):
    """What a portal must know of the house."""

    hospital_name: str
    time_zone: str = Field(description="IANA name; days and times are shown in it")
    now: datetime
    live_url: str = "/api/radiology/live"
    dicomweb_url: str = "/dicom-web"
    sign_in_url: str = "/auth/login"
    sign_out_url: str = "/auth/logout"


class SignedOut(Contract):
    """Where to go next: the identity provider's own sign-out, or the first page."""

    url: str


class Person(Contract):
    """Somebody one can assign or hand over to."""

    id: str
    name: str
    title: str = ""
    roles: tuple[Role, ...]


class PersonFilter(Filter):
    """Whom to list."""

    role: Role | None = None
    id: tuple[str, ...] = Field(
        default=(), max_length=100, description="Only these; whom nobody knows is left out"
    )
    can_be_told: bool = Field(
        default=False,
        description="Only whom a critical finding can be handed to; everybody where the gateway "
        "does not know the ladder",
    )
    staff_name: Line = Field(
        default="", description="Words that are all part of the name; no patient is found here"
    )


class PersonPage(Page[Person]):
    """A page of people."""


class ChangeSigningPin(RequestBody):
    """A new PIN for signing reports; the old one is asked for when there is one."""

    current_pin: str = Field(default="", max_length=32)
    new_pin: str = Field(min_length=4, max_length=32, pattern=r"^[0-9]+$")
