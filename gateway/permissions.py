"""Who may do what: one table of role, action, and whether on anybody's cases or only on own ones.

What must stay true: an action that is not in a role's row is refused, and every route names one.
"Own" means: ordered by this person, or this person was told of a critical finding in it. The
owner of the data may still refuse: who may answer an alert is alert_worker's rule.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from contracts.enumerations import Role


class Grant(StrEnum):
    """How far a permission reaches."""

    OWN = "own"
    ANY = "any"


class Action(StrEnum):
    """What a route does, as the audit log names it."""

    READ_SELF = "self.read"
    CHANGE_PIN = "self.change_pin"
    READ_PEOPLE = "people.read"
    READ_DASHBOARD = "dashboard.read"
    READ_LIVE = "live.read"
    READ_REQUEST = "request.read"

    CREATE_ORDER = "order.create"
    READ_ORDER = "order.read"
    FIND_SIMILAR_ORDERS = "order.find_similar"
    READ_SCHEDULE = "schedule.read"
    READ_WORKLIST = "worklist.read"
    RESCHEDULE_ORDER = "order.reschedule"
    CANCEL_ORDER = "order.cancel"
    CHECK_IN = "order.check_in"
    SCREEN = "order.screen"
    OVERRIDE_SCREENING = "order.override_screening"
    START_EXAM = "order.start"
    COMPLETE_EXAM = "order.complete"
    ASSIGN_ORDER = "order.assign"
    CLAIM_ORDER = "order.claim"

    VIEW_STUDY = "viewer.read"
    READ_IMAGES = "images.read"
    UPLOAD_IMAGES = "images.upload"
    READ_PRIORS = "priors.read"
    NOTE_PRIOR = "priors.note"
    READ_MEASUREMENTS = "measurements.read"
    SAVE_MEASUREMENTS = "measurements.save"
    SORT_STUDIES = "studies.sort"

    READ_REPORT = "report.read"
    DRAFT_REPORT = "report.draft"
    SIGN_REPORT = "report.sign"
    READ_TEMPLATES = "templates.read"

    READ_ALERT = "alert.read"
    ACKNOWLEDGE_ALERT = "alert.acknowledge"
    HAND_OVER_ALERT = "alert.hand_over"
    ESCALATE_ALERT = "alert.escalate"

    READ_EQUIPMENT = "equipment.read"
    MANAGE_EQUIPMENT = "equipment.manage"
    READ_DEAD_LETTERS = "dead_letters.read"
    REPLAY_DEAD_LETTER = "dead_letters.replay"
    SETTLE_DEAD_LETTER = "dead_letters.settle"
    READ_HEALTH = "health.read"


_EVERYBODY = {
    Action.READ_SELF: Grant.ANY,
    Action.READ_LIVE: Grant.ANY,
    Action.READ_PEOPLE: Grant.ANY,
    Action.READ_REQUEST: Grant.OWN,
}

_STAFF = _EVERYBODY | {
    Action.READ_DASHBOARD: Grant.ANY,
    Action.READ_ORDER: Grant.ANY,
    Action.READ_SCHEDULE: Grant.ANY,
    Action.READ_EQUIPMENT: Grant.ANY,
    Action.READ_IMAGES: Grant.ANY,
}

_RADIOLOGIST = _STAFF | {
    Action.CHANGE_PIN: Grant.ANY,
    Action.READ_WORKLIST: Grant.ANY,
    Action.SCREEN: Grant.ANY,
    Action.OVERRIDE_SCREENING: Grant.ANY,
    Action.CLAIM_ORDER: Grant.ANY,
    Action.VIEW_STUDY: Grant.ANY,
    Action.READ_PRIORS: Grant.ANY,
    Action.NOTE_PRIOR: Grant.ANY,
    Action.READ_MEASUREMENTS: Grant.ANY,
    Action.SAVE_MEASUREMENTS: Grant.ANY,
    Action.READ_REPORT: Grant.ANY,
    Action.DRAFT_REPORT: Grant.ANY,
    Action.SIGN_REPORT: Grant.ANY,
    Action.READ_TEMPLATES: Grant.ANY,
    Action.READ_ALERT: Grant.ANY,
    Action.ACKNOWLEDGE_ALERT: Grant.ANY,
    Action.HAND_OVER_ALERT: Grant.ANY,
    Action.ESCALATE_ALERT: Grant.ANY,
}

_EXAMS = {
    Action.RESCHEDULE_ORDER: Grant.ANY,
    Action.CANCEL_ORDER: Grant.ANY,
    Action.CHECK_IN: Grant.ANY,
    Action.SCREEN: Grant.ANY,
    Action.START_EXAM: Grant.ANY,
    Action.COMPLETE_EXAM: Grant.ANY,
    Action.UPLOAD_IMAGES: Grant.ANY,
    Action.SORT_STUDIES: Grant.ANY,
}

_MANAGEMENT = {
    Action.CREATE_ORDER: Grant.ANY,
    Action.FIND_SIMILAR_ORDERS: Grant.ANY,
    Action.ASSIGN_ORDER: Grant.ANY,
    Action.MANAGE_EQUIPMENT: Grant.ANY,
    Action.READ_DEAD_LETTERS: Grant.ANY,
    Action.REPLAY_DEAD_LETTER: Grant.ANY,
    Action.SETTLE_DEAD_LETTER: Grant.ANY,
    Action.READ_HEALTH: Grant.ANY,
}

PERMISSIONS: Mapping[Role, Mapping[Action, Grant]] = {
    Role.RADIOLOGIST: _RADIOLOGIST,
    Role.RADIOLOGY_TECH: _STAFF | _EXAMS,
    Role.RADIOLOGY_MANAGER: _RADIOLOGIST | _EXAMS | _MANAGEMENT,
    Role.PROVIDER: _EVERYBODY
    | {
        Action.CREATE_ORDER: Grant.OWN,
        Action.READ_ORDER: Grant.OWN,
        Action.FIND_SIMILAR_ORDERS: Grant.ANY,
        Action.CANCEL_ORDER: Grant.OWN,
        Action.VIEW_STUDY: Grant.OWN,
        Action.READ_IMAGES: Grant.OWN,
        Action.READ_PRIORS: Grant.OWN,
        Action.READ_MEASUREMENTS: Grant.OWN,
        Action.READ_REPORT: Grant.OWN,
        Action.READ_ALERT: Grant.OWN,
        Action.ACKNOWLEDGE_ALERT: Grant.OWN,
        Action.HAND_OVER_ALERT: Grant.OWN,
    },
    Role.CLINICAL_WORKFLOW: {
        Action.CREATE_ORDER: Grant.ANY,
        Action.READ_ORDER: Grant.ANY,
        Action.FIND_SIMILAR_ORDERS: Grant.ANY,
        Action.CANCEL_ORDER: Grant.ANY,
        Action.READ_REQUEST: Grant.OWN,
    },
}


def grant_of(roles: Iterable[Role], action: Action) -> tuple[Grant, Role] | None:
    """Return how far these roles may do this, and the role that says so; None: not at all."""
    granted = [(grant, role) for role in roles if (grant := PERMISSIONS.get(role, {}).get(action))]
    return min(granted, key=lambda pair: pair[0] is not Grant.ANY, default=None)


def permissions_of(roles: Iterable[Role]) -> dict[str, str]:
    """Return everything that these roles may do, for a page that offers only that."""
    kept = list(roles)
    grants = {action: grant_of(kept, action) for action in Action}
    return {action.value: found[0].value for action, found in grants.items() if found}
