"""A referring doctor sees the images of own orders, and for all others there are none."""

from uuid import uuid4

import pytest

from contracts.enumerations import Role
from contracts.topics import ORDER_UPDATED, STUDY_UPDATED
from services.object_storage import ObjectStorage
from tests.harness.dicom import build_instance
from tests.harness.gateway import TestGateway
from tests.harness.orders import details
from tests.harness.snapshots import order_snapshot, study_snapshot
from tests.harness.standins import eventually
from tests.integration.gateway.owner import Owner
from tests.integration.images.test_archive import stored

WAYS = {
    "archive": "/archive",
    "frame": "/series/{series}/instances/{sop}/frames/1",
    "file": "/series/{series}/instances/{sop}",
    "files of a series": "/series/{series}",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_images_are_for_the_ordering_doctor_only(
    gateway: TestGateway, owner: Owner, object_storage: ObjectStorage, way: str
) -> None:
    doctor = await gateway.sign_in(Role.PROVIDER)
    foreign = await gateway.sign_in(Role.PROVIDER)
    image = build_instance(seed=uuid4().hex)
    uid = await stored(object_storage, [image])
    order = order_snapshot(details=details(ordering_provider_id=doctor.person_id))
    await owner.publish(ORDER_UPDATED, order, str(order.id))
    study = study_snapshot(order, study_instance_uid=uid, number_of_instances=1)
    await owner.publish(STUDY_UPDATED, study, uid)
    url = f"/dicom-web/studies/{uid}" + way.format(
        series=image.series_instance_uid, sop=image.sop_instance_uid
    )

    async def is_shown() -> bool:
        return (await doctor.get(url)).status_code == 200

    await eventually(is_shown, seconds=20)

    refused = await foreign.get(url)
    unknown = await gateway.anonymous().get(url)

    assert (refused.status_code, unknown.status_code) == (404, 401)
    assert image.content not in refused.content
