"""Uploads from a browser: for an order, or stand-alone."""

from typing import Annotated

from fastapi import Request, Response

from contracts.api.uploads import UploadResult, UploadStatus
from gateway.access import Permit, may
from gateway.context import TheGateway
from gateway.errors import NotFound
from gateway.permissions import Action
from gateway.routes.parameters import OrderId
from gateway.routes.router import new_router
from gateway.upload import SERIES_NUMBERS, receive_upload

router = new_router("images")

_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "studyDescription": {"type": "string", "maxLength": 64},
                        "seriesNumber": {
                            "type": "integer",
                            "minimum": SERIES_NUMBERS[0],
                            "maximum": SERIES_NUMBERS[-1],
                        },
                        "sequenceName": {"type": "string", "maxLength": 64},
                        "image": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": ".dcm, .zip with folders, .jpg, .png; fields come first",
                        },
                    },
                }
            }
        },
    }
}

MayUpload = Annotated[Permit, may(Action.UPLOAD_IMAGES)]


@router.post(
    "/orders/{id}/images",
    operation_id="uploadImages",
    status_code=201,
    openapi_extra=_MULTIPART,
)
async def upload_images(
    request: Request, response: Response, order_id: OrderId, permit: MayUpload, gateway: TheGateway
) -> UploadResult:
    """Store images for an order; 201 when one at least is durable."""
    order = await gateway.reader.order(order_id)
    if order is None:
        raise NotFound
    zone = gateway.settings.hospital.zone
    result = await receive_upload(request, uploader_id=permit.person.id, order=order, zone=zone)
    response.status_code = _status(result)
    return result


@router.post("/uploads", operation_id="uploadUnassigned", status_code=201, openapi_extra=_MULTIPART)
async def upload_unassigned(
    request: Request, response: Response, permit: MayUpload, gateway: TheGateway
) -> UploadResult:
    """Store DICOM files without naming an order; they find theirs by accession and patient."""
    zone = gateway.settings.hospital.zone
    result = await receive_upload(request, uploader_id=permit.person.id, order=None, zone=zone)
    response.status_code = _status(result)
    return result


def _status(result: UploadResult) -> int:
    if result.stored:
        return 201
    codes = {f.code for f in result.files if f.status is UploadStatus.REFUSED}
    return 503 if codes == {"spool_full"} else 422
