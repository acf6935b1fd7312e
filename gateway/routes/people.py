"""Who is signed in, what the portals must know of the house, and whom one can choose."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from contracts.api.people import (
    ChangeSigningPin,
    Configuration,
    Me,
    PersonFilter,
    PersonPage,
)
from gateway import positions
from gateway.access import Permit, may, public
from gateway.answers import READ, problems
from gateway.context import TheGateway
from gateway.cookies import CSRF_COOKIE, csrf_token_is_ours, set_csrf_cookie
from gateway.permissions import Action, permissions_of
from gateway.routes.router import new_router
from services.clock import utc_now

router = new_router("people")


@router.get("/me", operation_id="getMe", responses=READ)
async def get_me(
    permit: Annotated[Permit, may(Action.READ_SELF)],
    request: Request,
    response: Response,
    gateway: TheGateway,
) -> Me:
    """Who is signed in, and what this person may do."""
    person, settings = permit.person, gateway.settings
    if not csrf_token_is_ours(request.cookies.get(CSRF_COOKIE, ""), settings.session_secret):
        set_csrf_cookie(response, settings=settings, secure=request.url.scheme == "https")
    return Me(
        id=person.id,
        name=person.name,
        roles=person.roles,
        permissions=permissions_of(person.roles),
        can_sign=await gateway.pins.is_set(person.id),
        session_expires_at=person.session.expires_at if person.session else None,
        idle_seconds=settings.session_idle_seconds,
        live_position=positions.encode(await gateway.hub.present()),
    )


@router.put(
    "/me/signing-pin",
    operation_id="changeSigningPin",
    status_code=204,
    responses=problems(400, 401, 403, 409, 415, 422, 429, 503),
)
async def change_signing_pin(
    body: ChangeSigningPin,
    permit: Annotated[Permit, may(Action.CHANGE_PIN)],
    gateway: TheGateway,
) -> None:
    """Set the PIN that signs reports; the old one is needed when there is one."""
    if await gateway.pins.is_set(permit.person.id):
        await gateway.pins.check(permit.person.id, body.current_pin)
    await gateway.pins.set(permit.person.id, body.new_pin)


@router.get(
    "/config",
    operation_id="getConfiguration",
    dependencies=[public("the sign-in page needs the house's name and zone")],
)
async def get_configuration(gateway: TheGateway) -> Configuration:
    """Name and time zone of the house, and where things are."""
    hospital = gateway.settings.hospital
    return Configuration(
        hospital_name=hospital.name,
        time_zone=hospital.time_zone,
        now=utc_now().astimezone(hospital.zone),
    )


@router.get("/people", operation_id="listPeople", responses=READ)
async def list_people(
    wanted: Annotated[PersonFilter, Query()],
    _permit: Annotated[Permit, may(Action.READ_PEOPLE)],
    gateway: TheGateway,
) -> PersonPage:
    """People one can assign or hand over to, by name."""
    return await gateway.directory.list(wanted)
