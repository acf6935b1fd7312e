"""Path parameters, named as the spec names them: `:id`."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from contracts.identifiers import Uid

OrderId = Annotated[UUID, Path(alias="id", description="Order")]
EquipmentId = Annotated[UUID, Path(alias="id", description="Room")]
ReportId = Annotated[UUID, Path(alias="id", description="Report")]
AlertId = Annotated[UUID, Path(alias="id", description="Alert")]
PatientId = Annotated[UUID, Path(alias="id", description="Patient")]
QuarantineId = Annotated[UUID, Path(alias="id", description="Image in quarantine")]
StudyUid = Annotated[Uid, Path(alias="uid", description="Study Instance UID (0020,000D)")]
PriorUid = Annotated[Uid, Path(alias="priorUid", description="Study Instance UID of the prior")]
