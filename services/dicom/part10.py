"""Writes a data set of ours as a file (PS3.10 section 7.1)."""

import io
from typing import BinaryIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from services.dicom.elements import EXPLICIT_LITTLE_ENDIAN
from services.dicom.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME


def file_of(ds: Dataset, transfer_syntax_uid: str = EXPLICIT_LITTLE_ENDIAN) -> bytes:
    """Return the bytes of a file; the pixels are encoded as the transfer syntax says already."""
    buffer = io.BytesIO()
    write_file(buffer, ds, transfer_syntax_uid)
    return buffer.getvalue()


def write_file(file: BinaryIO, ds: Dataset, transfer_syntax_uid: str) -> None:
    """Write a data set as a file, or the beginning of one whose pixels follow."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ds.SOPClassUID
    meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    ds.file_meta = meta
    dcmwrite(file, ds, enforce_file_format=True)
