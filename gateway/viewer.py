"""The spec's viewer data: studies, series and instances of an order, with each image's address.

Images need no database: what is known of instances is read from the series documents in S3
(ARCHITECTURE section 5). A series whose document is not written yet shows no instances.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts.api.orders import Order
from contracts.api.studies import Study, ViewerData, ViewerInstance, ViewerSeries, ViewerStudy
from contracts.events.order_updated import OrderUpdated
from contracts.events.study_updated import SeriesSummary, StudyUpdated
from services.dicom.elements import DicomJson, first_value
from services.dicom.series_documents import (
    StoredFrames,
    read_frames_document,
    read_metadata_document,
)
from services.errors import ObjectMissing
from services.object_storage import IMAGES_BUCKET, ObjectStorage, frames_key, metadata_key

DICOMWEB = "/dicom-web"


async def viewer_data(
    storage: ObjectStorage,
    order: OrderUpdated,
    studies: Sequence[StudyUpdated],
    *,
    shown: Callable[[StudyUpdated], Study],
    with_instances: bool,
    presigned_for: int | None,
) -> ViewerData:
    """Put together what the viewer opens an order with.

    Parameters
    ----------
    studies : newest first.
    shown : what the asking person may see of a study.
    with_instances : whether each image is listed: hundreds of a CT, read from S3.
    presigned_for : seconds that the addresses work without a session; None: addresses of this host.
    """
    places = [(study, series) for study in studies for series in study.series]
    listed = places if with_instances else []
    found = await asyncio.gather(*(_instances(storage, *place) for place in listed))
    instances = [instance for series in found for instance in series]
    if presigned_for:
        instances = [await _presigned(storage, i, presigned_for) for i in instances]
    views = tuple(
        ViewerStudy(**dict(shown(study)), patient=order.details.patient, order_id=order.id)
        for study in studies
    )
    return ViewerData(
        order=Order.of(order),
        study=views[0] if views else None,
        studies=views,
        series=tuple(_series(study, series) for study, series in places),
        instances=tuple(instances),
    )


def series_path(study: str, series: str) -> str:
    """Return the DICOMweb address of a series."""
    return f"{DICOMWEB}/studies/{study}/series/{series}"


def _series(study: StudyUpdated, series: SeriesSummary) -> ViewerSeries:
    path = series_path(study.study_instance_uid, series.series_instance_uid)
    return ViewerSeries(
        **dict(series),
        study_instance_uid=study.study_instance_uid,
        thumbnail_url=f"{path}/thumbnail",
    )


async def _instances(
    storage: ObjectStorage, study: StudyUpdated, series: SeriesSummary
) -> list[ViewerInstance]:
    uids = study.study_instance_uid, series.series_instance_uid
    try:
        # In this order: what the metadata name, the frame index that is written before it knows.
        metadata = await storage.get(IMAGES_BUCKET, metadata_key(*uids))
        frames = await storage.get(IMAGES_BUCKET, frames_key(*uids))
    except ObjectMissing:
        return []
    return await asyncio.to_thread(_read_instances, uids, metadata, frames)


def _read_instances(uids: tuple[str, str], metadata: bytes, frames: bytes) -> list[ViewerInstance]:
    stored = read_frames_document(frames)
    instances = [_instance(*uids, entry, stored) for entry in read_metadata_document(metadata)]
    return [instance for instance in instances if instance]


def _instance(
    study: str, series: str, entry: DicomJson, stored: Mapping[str, StoredFrames]
) -> ViewerInstance | None:
    """Return an instance; None when it was taken out of the series just now.

    Only the frame index says which object holds it: of two that came with its UID, one is in
    quarantine, and that may be the one under the usual key.
    """
    sop = str(first_value(entry, "00080018"))
    if sop not in stored:
        return None
    return ViewerInstance(
        study_instance_uid=study,
        series_instance_uid=series,
        sop_instance_uid=sop,
        sop_class_uid=str(first_value(entry, "00080016") or ""),
        instance_number=_number(entry, "00200013"),
        number_of_frames=_number(entry, "00280008") or 1,
        rows=_number(entry, "00280010"),
        columns=_number(entry, "00280011"),
        bits_allocated=_number(entry, "00280100"),
        window_center=first_value(entry, "00281050"),
        window_width=first_value(entry, "00281051"),
        storage_bucket=IMAGES_BUCKET,
        storage_path=stored[sop].key,
        image_url=f"{series_path(study, series)}/instances/{sop}",
    )


def _number(entry: DicomJson, tag: str) -> int | None:
    value: Any = first_value(entry, tag)
    return int(value) if value is not None else None


async def _presigned(
    storage: ObjectStorage, instance: ViewerInstance, seconds: int
) -> ViewerInstance:
    url = await storage.presigned_url(
        instance.storage_bucket, instance.storage_path, expires_seconds=seconds
    )
    return instance.model_copy(update={"image_url": url})
