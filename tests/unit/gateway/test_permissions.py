"""No route without a guard, no guard without an entry in the table."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute

from contracts.enumerations import Role
from gateway.access import Public
from gateway.api import ROUTERS
from gateway.permissions import PERMISSIONS, Action, Grant, grant_of, permissions_of
from gateway.routes.live import LIVE_ACTION, LIVE_PATH

ROUTES = [route for router in ROUTERS for route in router.routes]


def guards(dependant: Dependant) -> Iterator[object]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Public) or hasattr(dependency.call, "action"):
            yield dependency.call
        yield from guards(dependency)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name} {route.path}")
def test_every_route_names_an_action_or_says_why_it_is_public(route: APIRoute) -> None:
    if isinstance(route, APIWebSocketRoute):
        assert (route.path, LIVE_ACTION) == (LIVE_PATH, Action.READ_LIVE)
        return

    found = list(guards(route.dependant))

    assert len(found) == 1, f"{route.path} has {len(found)} guards"
    if isinstance(found[0], Public):
        assert found[0].reason
    else:
        assert isinstance(found[0].action, Action)  # type: ignore[attr-defined]


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [r.operation_id for r in ROUTES if isinstance(r, APIRoute) and r.include_in_schema]

    assert None not in names
    assert len(set(names)) == len(names)


def test_every_action_is_granted_to_somebody() -> None:
    granted = {action for row in PERMISSIONS.values() for action in row}

    assert granted == set(Action)


def test_every_role_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_action_outside_the_row_is_refused() -> None:
    assert grant_of([Role.RADIOLOGY_TECH], Action.SIGN_REPORT) is None
    assert grant_of([], Action.READ_ORDER) is None


def test_of_several_roles_the_widest_counts() -> None:
    assert grant_of([Role.PROVIDER, Role.RADIOLOGIST], Action.READ_REPORT) == (
        Grant.ANY,
        Role.RADIOLOGIST,
    )


def test_manager_may_do_all_that_a_radiologist_may() -> None:
    """The spec's row of the manager begins with all radiologist permissions."""
    radiologist, manager = PERMISSIONS[Role.RADIOLOGIST], PERMISSIONS[Role.RADIOLOGY_MANAGER]

    assert radiologist.items() <= manager.items()


def test_referring_provider_is_never_granted_anybodys_cases() -> None:
    """But one question: is this exam ordered already? The answer names no doctor, no reason."""
    medical = {a for a in Action if a.value.split(".")[0] not in {"self", "people", "live"}}
    medical -= {Action.FIND_SIMILAR_ORDERS}

    grants = {PERMISSIONS[Role.PROVIDER].get(action) for action in medical}

    assert grants == {None, Grant.OWN}


def test_page_is_told_only_what_is_granted() -> None:
    told = permissions_of([Role.RADIOLOGY_TECH])

    assert told["order.start"] == "any"
    assert "report.sign" not in told
