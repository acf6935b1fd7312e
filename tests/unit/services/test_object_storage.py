"""What an S3 server answers, as one of our errors: who reads it knows whether to wait."""

import pytest
from botocore.exceptions import ClientError

from services.errors import ObjectMissing
from services.object_storage import ObjectRefused, ObjectStorage


class Answering:
    """A client whose server answers each request with one error."""

    def __init__(self, code: str, status: int) -> None:
        self._error = ClientError(
            {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
            "HeadObject",
        )

    async def head_object(self, **_: object) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("404", 404, ObjectMissing),
        ("NoSuchKey", 404, ObjectMissing),
        ("NoSuchBucket", 404, ObjectRefused),
        ("RequestTimeTooSkewed", 403, ObjectRefused),
    ],
)
async def test_a_bucket_that_is_missing_is_no_missing_object(
    code: str, status: int, error: type[Exception]
) -> None:
    """A wrong setting is told by its name, and is mended; an object that is gone is gone."""
    with pytest.raises(error):
        await ObjectStorage(Answering(code, status)).size("bucket", "key")
