"""DICOMweb routes under /dicom-web: STOW-RS and WADO-RS (PS3.18)."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from contracts.identifiers import Uid
from gateway.context import TheGateway
from gateway.dicomweb import media, retrieve, store
from gateway.image_access import Reads, Stores
from gateway.routes.router import AuditedRoute

router = APIRouter(prefix="/dicom-web", tags=["dicomweb"])

_SERIES = "/studies/{study}/series/{series}"
_INSTANCE = _SERIES + "/instances/{sop}"


async def store_instances(request: Request, uploader: Stores) -> Response:
    """Store instances of any study."""
    return await store.store_instances(request, uploader, None)


async def store_instances_of_study(request: Request, study: Uid, uploader: Stores) -> Response:
    """Store instances of one study; others are refused."""
    return await store.store_instances(request, uploader, study)


@router.get(_SERIES + "/metadata", dependencies=[Reads], operation_id="seriesMetadata")
async def series_metadata(request: Request, study: Uid, series: Uid) -> Response:
    """Metadata of every instance of a series."""
    return await retrieve.series_metadata(request, study, series)


@router.get(_SERIES + "/thumbnail", dependencies=[Reads], operation_id="seriesThumbnail")
async def series_thumbnail(request: Request, study: Uid, series: Uid) -> Response:
    """Small picture of a series (JPEG)."""
    return await retrieve.series_thumbnail(request, study, series)


@router.get(_INSTANCE + "/frames/{frames}", dependencies=[Reads], operation_id="instanceFrames")
async def instance_frames(
    request: Request, study: Uid, series: Uid, sop: Uid, frames: str
) -> Response:
    """Frames of an instance, by number from 1, separated by commas."""
    return await retrieve.instance_frames(request, study, series, sop, frames)


async def whole_instance(request: Request, study: Uid, series: Uid, sop: Uid) -> Response:
    """An instance as it was received."""
    return await retrieve.whole_instance(request, study, series, sop)


async def whole_series(request: Request, study: Uid, series: Uid) -> Response:
    """Every instance of a series."""
    return await retrieve.whole_series(request, study, series)


async def picture_of_series(study: Uid, series: Uid) -> None:
    """Say that a picture of the series is taken along, as the viewer has drawn it."""


async def instances_known(study: Uid, gateway: TheGateway) -> int:
    """Return how many instances a study has, as far as it was indexed."""
    known = await gateway.reader.study(study)
    return known.number_of_instances if known else 0


async def study_archive(
    request: Request, study: Uid, instances: Annotated[int, Depends(instances_known)]
) -> Response:
    """A study as a zip of DICOM files with a DICOMDIR."""
    return await media.study_archive(request, study, at_least=instances)


# What comes in, and each file that is taken out of the house, is written to the audit log. Looking
# at images, frame by frame, is written when the viewer asks what there is to see.
_audited = partial(router.add_api_route, route_class_override=AuditedRoute)
_audited("/studies", store_instances, methods=["POST"], operation_id="storeInstances")
_audited(
    "/studies/{study}",
    store_instances_of_study,
    methods=["POST"],
    operation_id="storeInstancesOfStudy",
)
_audited(_INSTANCE, whole_instance, dependencies=[Reads], operation_id="wholeInstance")
_audited(_SERIES, whole_series, dependencies=[Reads], operation_id="wholeSeries")
_audited(
    _SERIES + "/pictures",
    picture_of_series,
    methods=["POST"],
    status_code=204,
    dependencies=[Reads],
    operation_id="pictureOfSeries",
)
_audited(
    "/studies/{study}/archive",
    study_archive,
    dependencies=[Reads],
    operation_id="studyArchive",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The archive"}},
)
