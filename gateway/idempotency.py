"""The id of a write: from the caller's Idempotency-Key, so that a repetition is the same event."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID, uuid5

from fastapi import Request
from pydantic import SecretStr

from contracts.identifiers import new_id

_NAMESPACE = UUID("6f0d9c0e-1f0f-5a0e-9a53-6a5d0f3c1b7e")


@dataclass(frozen=True)
class Ask:
    """One write: the id of its event, and what was asked in whose name, as an HMAC-SHA256.

    Keyed, because a body may hold a signing PIN, and a plain digest of it would be soon guessed.
    """

    event_id: UUID
    caller: str
    route: str
    body_sha256: bytes
    keyed: bool

    def derived_id(self, name: str) -> UUID:
        """Return an id for something that this write makes; a repetition makes the same."""
        return uuid5(self.event_id, name)


async def ask_of(
    request: Request, caller: str, key: str | None, *, acts_as: str, secret: SecretStr
) -> Ask:
    """Return the write that a request asks for.

    Parameters
    ----------
    caller : within whose requests on this route the key is unique: a person, or a service.
    acts_as : in whose name; the same key for another person is another request, and refused.
    secret : of all gateways; with another one, a repetition counts as another request.
    """
    route = f"{request.method} {route_template(request)}"
    asked = f"{request.method} {request.url.path} {acts_as}\n".encode() + await request.body()
    digest = hmac.digest(secret.get_secret_value().encode(), asked, hashlib.sha256)
    event_id = uuid5(_NAMESPACE, f"{caller}|{route}|{key}") if key else new_id()
    return Ask(event_id, caller, route, digest, keyed=key is not None)


def route_template(request: Request) -> str:
    """Return the route's path with its parameters' names; never their values."""
    route = request.scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", "unknown"))
