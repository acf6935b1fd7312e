"""Who may send images, and who may see which.

Reading hundreds of frames must not ask the database hundreds of times: a right is remembered for a
few seconds, per person and study.
"""

import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from contracts.identifiers import Uid
from gateway.access import May, Person
from gateway.audit import AuditEntry
from gateway.context import gateway_of
from gateway.errors import BadCredential, NotFound
from gateway.imaging import imaging_of
from gateway.permissions import Action

_REMEMBERED_SECONDS = 10.0
_REMEMBERED = 2_000


_SYSTEM = Person("uploader", "Uploading systems", ())
"""Who the uploaders' credential stands for, in the audit log too."""


@dataclass(frozen=True)
class Uploader:
    """Who sends images: a person, or a system with the uploaders' credential."""

    id: str


class MayStore:
    """Dependency of STOW-RS: a technician's session, or the credential of uploading systems."""

    action = Action.UPLOAD_IMAGES

    async def __call__(self, request: Request) -> Uploader:
        """Say who sends."""
        credential = request.headers.get("authorization")
        if credential is None:
            granted = await May(self.action)(request)
            return Uploader(granted.person.id)
        expected = imaging_of(request).settings.uploader_credential.get_secret_value()
        kind, _, token = credential.partition(" ")
        right = bool(expected) and hmac.compare_digest(token.strip().encode(), expected.encode())
        if kind.lower() != "bearer" or not right:
            raise BadCredential(headers={"WWW-Authenticate": "Bearer"})
        request.state.attempt = (_SYSTEM, self.action)
        return Uploader(_SYSTEM.id)


class _Rights:
    """Rights that were found a moment ago."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()

    def holds(self, person_id: str, study: str) -> bool:
        return self._until.get((person_id, study), 0.0) > time.monotonic()

    def remember(self, person_id: str, study: str) -> None:
        self._until[person_id, study] = time.monotonic() + _REMEMBERED_SECONDS
        if len(self._until) > _REMEMBERED:
            self._until.popitem(last=False)


_RIGHTS = _Rights()


class MayRead:
    """Dependency of WADO-RS: staff, and a referring provider on own studies only."""

    action = Action.READ_IMAGES

    async def __call__(self, request: Request, study: Annotated[Uid, Path()]) -> None:
        """Let pass, or `NotFound`: what is not theirs does not exist for them."""
        granted = await May(self.action)(request)
        person = granted.person
        if _RIGHTS.holds(person.id, study):
            return
        gateway = gateway_of(request)
        if granted.only_of and not await gateway.reader.study_is_of(study, granted.only_of):
            raise NotFound
        # One line for the study that is being looked at, not one for each of its frames.
        await gateway.audit.write(
            AuditEntry(
                actor_id=person.id,
                actor_role=granted.role.value,
                action=self.action.value,
                route="GET /dicom-web/studies/{study}",
                resource=study,
                outcome=200,
            )
        )
        _RIGHTS.remember(person.id, study)


MAY_STORE = MayStore()
MAY_READ = MayRead()

Stores = Annotated[Uploader, Depends(MAY_STORE)]
Reads = Depends(MAY_READ)
