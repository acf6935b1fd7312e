"""Writes volumes and pictures as DICOM, as the machines of the demo hospital would.

Invariant: the same order gives the same bytes, so that sending a study twice changes nothing.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from deploy.demo.images.pictures import Picture
from deploy.demo.images.volumes import Volume
from services.dicom.part10 import file_of
from services.dicom.pixels import JPEG_BASELINE
from services.dicom.uids import derived_uid

SOP_CLASSES: Final = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "US": "1.2.840.10008.5.1.4.1.1.3.1",
}
_MACHINES: Final = {
    "CT": ("Demo Imaging", "Helix 128", "CT01"),
    "MR": ("Demo Imaging", "Polar 3T", "MR01"),
    "CR": ("Demo Imaging", "Plate Reader 2", "CR01"),
    "DX": ("Demo Imaging", "FlatView 43", "DX01"),
    "US": ("Demo Imaging", "Echo 9", "US01"),
}


@dataclass(frozen=True)
class ImagedPatient:
    """Who lies on the table."""

    patient_id: str
    name: str
    """As DICOM writes it: family^given."""
    birth_date: date
    sex: str


@dataclass(frozen=True)
class ImagedStudy:
    """What all images of a study share."""

    patient: ImagedPatient
    accession_number: str
    started_at: datetime
    """Local time of the hospital."""
    description: str
    modality: str
    body_part: str
    referring_physician_name: str = ""

    @property
    def study_instance_uid(self) -> str:
        """UID that follows from accession number and patient."""
        return derived_uid("demo study", self.accession_number, self.patient.patient_id)


@dataclass(frozen=True)
class ImagedSeries:
    """What all images of a series share."""

    study: ImagedStudy
    number: int
    description: str

    def uid(self, *parts: object) -> str:
        """Return the UID that belongs to something in this series."""
        return derived_uid(self.study.study_instance_uid, self.number, *parts)


def ct_series(series: ImagedSeries, volume: Volume, *, kernel: str) -> Iterable[bytes]:
    """Write a CT, slice by slice."""
    for number, plane in enumerate(volume.voxels):
        ds = _common(series, number)
        _put_plane(ds, series, volume, number)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.KVP = 120
        ds.DataCollectionDiameter = 500
        ds.ReconstructionDiameter = round(plane.shape[1] * volume.spacing_mm[2], 3)
        ds.ExposureTime, ds.XRayTubeCurrent, ds.Exposure = 500, 300, 150
        ds.ConvolutionKernel = kernel
        ds.GantryDetectorTilt = 0
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = -1024, 1, "HU"
        ds.WindowCenter, ds.WindowWidth = [40, -600], [400, 1500]
        ds.WindowCenterWidthExplanation = ["MEDIASTINUM", "LUNG"]
        _put_grey(ds, np.clip(plane + np.int16(1024), 0, 4095))
        yield file_of(ds)


def mr_series(series: ImagedSeries, volume: Volume) -> Iterable[bytes]:
    """Write a T1-weighted MR after contrast medium, slice by slice."""
    brightest = float(np.percentile(volume.voxels, 99.5))
    for number, plane in enumerate(volume.voxels):
        ds = _common(series, number)
        _put_plane(ds, series, volume, number)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", ""
        ds.MRAcquisitionType = "2D"
        ds.SequenceName = "t1_se"
        ds.RepetitionTime, ds.EchoTime, ds.EchoTrainLength = 600, 12, 1
        ds.SpacingBetweenSlices = round(volume.spacing_mm[0], 4)
        ds.ContrastBolusAgent = "Gadolinium"
        ds.MagneticFieldStrength = 3
        ds.FlipAngle = 90
        ds.WindowCenter, ds.WindowWidth = round(brightest * 0.42), round(brightest * 0.84)
        _put_grey(ds, np.clip(plane, 0, 4095))
        yield file_of(ds)


def xray_image(series: ImagedSeries, film: npt.NDArray[np.uint16], *, view: str) -> bytes:
    """Write one X-ray of the chest; `view` is PA or LL."""
    ds = _common(series, 0)
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.KVP = 125
    ds.ExposureTime, ds.XRayTubeCurrent, ds.Exposure = 10, 320, 3
    ds.DistanceSourceToDetector = 1800
    ds.ViewPosition = view
    ds.PatientOrientation = ["L", "F"] if view == "PA" else ["P", "F"]
    ds.ImagerPixelSpacing = [0.25, 0.25]
    ds.BurnedInAnnotation = "NO"
    ds.WindowCenter, ds.WindowWidth = 2048, 4096
    if series.study.modality == "CR":
        ds.PlateType, ds.CassetteOrientation, ds.Sensitivity = "plate", "PORTRAIT", 200
    else:
        _put_digital_xray(ds, view)
    _put_grey(ds, film)
    return file_of(ds)


def ultrasound_clip(
    series: ImagedSeries, clip: Sequence[Picture], *, frame_time_ms: float, pixel_mm: float
) -> bytes:
    """Write an ultrasound clip, its frames compressed as the machines do."""
    ds = _common(series, 0)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "", "0011"]
    ds.PatientOrientation = ""
    ds.FrameTime = frame_time_ms
    ds.RecommendedDisplayFrameRate = ds.CineRate = round(1000 / frame_time_ms)
    ds.NumberOfFrames = len(clip)
    ds.FrameIncrementPointer = 0x00181063
    ds.UltrasoundColorDataPresent = 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "YBR_FULL_422", 0
    ds.Rows, ds.Columns = clip[0].shape[:2]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    frames = [_jpeg(picture) for picture in clip]
    ds.LossyImageCompression, ds.LossyImageCompressionMethod = "01", "ISO_10918_1"
    ds.LossyImageCompressionRatio = round(clip[0].size * len(clip) / sum(map(len, frames)), 1)
    ds.SequenceOfUltrasoundRegions = Items([_region(ds, pixel_mm)])
    ds.PixelData = encapsulate(frames)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return file_of(ds, JPEG_BASELINE)


# ------------------------------------------------------------------------------------------ modules
def _common(series: ImagedSeries, number: int) -> Dataset:
    study = series.study
    when = study.started_at + timedelta(minutes=3 * series.number, milliseconds=400 * number)
    day, moment = when.strftime("%Y%m%d"), when.strftime("%H%M%S.%f")[:10]
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = UID(SOP_CLASSES[study.modality])
    ds.SOPInstanceUID = UID(series.uid("instance", number))
    ds.StudyInstanceUID = UID(study.study_instance_uid)
    ds.SeriesInstanceUID = UID(series.uid("series"))
    ds.StudyDate = ds.SeriesDate = study.started_at.strftime("%Y%m%d")
    ds.StudyTime = study.started_at.strftime("%H%M%S")
    ds.SeriesTime = (study.started_at + timedelta(minutes=3 * series.number)).strftime("%H%M%S")
    ds.AcquisitionDate = ds.ContentDate = day
    ds.AcquisitionTime = ds.ContentTime = moment
    ds.AccessionNumber = study.accession_number
    ds.Modality = study.modality
    ds.Manufacturer, ds.ManufacturerModelName, ds.StationName = _MACHINES[study.modality]
    ds.DeviceSerialNumber, ds.SoftwareVersions = "1001", "1.0"
    ds.InstitutionName = "Demo Hospital"
    ds.ReferringPhysicianName = study.referring_physician_name
    ds.StudyDescription = study.description[:64]
    ds.SeriesDescription = series.description
    ds.ProtocolName = series.description
    ds.PatientName = study.patient.name
    ds.PatientID = study.patient.patient_id
    ds.PatientBirthDate = study.patient.birth_date.strftime("%Y%m%d")
    ds.PatientSex = study.patient.sex
    ds.BodyPartExamined = study.body_part
    ds.StudyID = study.accession_number[-16:]
    ds.SeriesNumber = series.number
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = number + 1
    return ds


def _put_plane(ds: Dataset, series: ImagedSeries, volume: Volume, number: int) -> None:
    x, y, top = volume.origin_mm
    between, down, across = volume.spacing_mm
    z = round(top - number * between, 4)
    ds.FrameOfReferenceUID = UID(derived_uid(series.study.study_instance_uid, "frame of reference"))
    ds.PositionReferenceIndicator = ""
    ds.PatientPosition = "HFS"
    ds.SliceThickness = round(between, 4)
    ds.SliceLocation = z
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [round(x, 4), round(y, 4), z]
    ds.PixelSpacing = [round(down, 6), round(across, 6)]


def _put_digital_xray(ds: Dataset, view: str) -> None:
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = "LOG", 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "US"
    ds.PresentationLUTShape = "IDENTITY"
    ds.LossyImageCompression = "00"
    ds.ImageLaterality = "U"
    ds.DetectorType, ds.DetectorID = "DIRECT", "FV43"
    ds.PositionerType = "NONE"
    ds.AnatomicRegionSequence = Items([_code("51185008", "Chest")])
    ds.AcquisitionContextSequence = Items([])
    front = view == "PA"
    code = _code("399348003", "postero-anterior") if front else _code("399173006", "left lateral")
    code.ViewModifierCodeSequence = Items([])
    ds.ViewCodeSequence = Items([code])


def _put_grey(ds: Dataset, pixels: npt.NDArray[Any]) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = pixels.astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"


def _region(ds: Dataset, pixel_mm: float) -> Dataset:
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 2
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = ds.Columns - 1, ds.Rows - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = pixel_mm / 10
    return region


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "SCT", meaning
    return code


def _jpeg(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=90, subsampling=1)
    return buffer.getvalue()
