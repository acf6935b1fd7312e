"""Writes a DICOM Comprehensive SR of measurements (PS3.16 TID 1500): stdin JSON, stdout DICOM.

What must stay true: the same order gives the same bytes; the time is that of the signature. It runs
in a process of its own, since what writes it takes more memory than the worker that asks for it.
"""

import io
import os
import sys
from datetime import date, datetime
from typing import Any

from contracts.base import Contract
from ingest_worker.domain.measured import Measured, Shape, Value
from services.dicom.uids import derived_uid

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"


class ReportOrder(Contract):
    """What a structured report is made of."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    report_version: int
    reader_name: str
    signed_at: datetime
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: date | None
    patient_sex: str
    accession_number: str
    study_id: str
    study_date: str
    study_time: str
    study_description: str
    referring_physician_name: str
    predecessor_uid: str = ""
    """The report that this one supersedes; in the same series."""
    measurements: tuple[Measured, ...]


def main() -> None:
    """Read an order, write its report; whatever somebody waits for goes first."""
    os.nice(10)
    order = ReportOrder.model_validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(write_report(order))


def write_report(order: ReportOrder) -> bytes:
    """Return the report as a DICOM file."""
    # Here and not above: the worker imports this module for the order alone.
    from highdicom.sr import (  # noqa: PLC0415
        ComprehensiveSR,
        MeasurementReport,
        ObservationContext,
        ObserverContext,
        PersonObserverIdentifyingAttributes,
    )
    from pydicom.sr.codedict import codes  # noqa: PLC0415

    observer = ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(
            name=_person_name(order.reader_name)
        ),
    )
    content = MeasurementReport(
        observation_context=ObservationContext(observer_person_context=observer),
        procedure_reported=codes.SCT.ImagingProcedure,
        title=codes.DCM.ImagingMeasurementReport,
        imaging_measurements=[
            _group(measured, order.study_instance_uid) for measured in order.measurements
        ]
        or [_withdrawal(order)],
    )
    predecessor = _reference(order, order.series_instance_uid, order.predecessor_uid)
    report = ComprehensiveSR(
        # Patient and study are taken from the first: a report that takes all back has no image.
        evidence=_evidence(order) or [predecessor],
        content=content,
        series_instance_uid=order.series_instance_uid,
        series_number=990,
        sop_instance_uid=order.sop_instance_uid,
        instance_number=order.report_version,
        manufacturer="Radiology Portal",
        is_complete=True,
        is_final=True,
        previous_versions=[predecessor] if order.predecessor_uid else None,
        series_description="Measurements",
    )
    _file_in(report, order.study_instance_uid)
    if order.issuer_of_patient_id:
        report.IssuerOfPatientID = order.issuer_of_patient_id
    if order.study_description:
        report.StudyDescription = order.study_description
    for day, clock in (("ContentDate", "ContentTime"), ("SeriesDate", "SeriesTime")):
        setattr(report, day, order.signed_at.strftime("%Y%m%d"))
        setattr(report, clock, order.signed_at.strftime("%H%M%S"))
    report.InstanceCreationDate = report.ContentDate
    report.InstanceCreationTime = report.ContentTime
    report.TimezoneOffsetFromUTC = "+0000"
    for equipment in report.get("ContributingEquipmentSequence", ()):
        equipment.ContributionDateTime = order.signed_at.strftime("%Y%m%d%H%M%S+0000")
    written = io.BytesIO()
    report.save_as(written)
    return written.getvalue()


def _file_in(report: Any, study_instance_uid: str) -> None:
    """Make it a report of this study, also where only a prior was measured.

    The images of other studies are other evidence than those of the procedure that is reported
    (PS3.3 section C.17.2.3).
    """
    report.StudyInstanceUID = study_instance_uid
    sequences = "CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence"
    studies = [study for name in sequences for study in report.get(name, ())]
    for name, is_own in zip(sequences, (True, False), strict=True):
        found = [s for s in studies if (s.StudyInstanceUID == study_instance_uid) is is_own]
        if found:
            setattr(report, name, found)
        elif name in report:
            delattr(report, name)


def _group(measured: Measured, study_instance_uid: str) -> Any:
    from highdicom.sr import (  # noqa: PLC0415
        MeasurementsAndQualitativeEvaluations,
        TimePointContext,
        TrackingIdentifier,
    )

    tracking = TrackingIdentifier(
        uid=derived_uid("measurement", measured.uid),
        # OHIF and other readers of Cornerstone's drawings know them by this name.
        identifier=f"Cornerstone3DTools@^0.1.0:{_TOOLS[measured.kind]}",
    )
    is_prior = measured.study_instance_uid != study_instance_uid
    when = TimePointContext(time_point=_prior_words(measured)) if is_prior else None
    if measured.place:
        return _remark(measured, measured.place, tracking, when)
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        time_point_context=when,
        measurements=[_measurement(value, measured) for value in measured.values],
    )


def _prior_words(measured: Measured) -> str:
    day = measured.study_date
    return f"Prior study of {day[:4]}-{day[4:6]}-{day[6:]}" if day else "Prior study"


def _remark(measured: Measured, place: Shape, tracking: Any, when: Any) -> Any:
    """Return what an arrow says, at the pixel it points at (TID 1410)."""
    import numpy as np  # noqa: PLC0415
    from highdicom.sr import (  # noqa: PLC0415
        ImageRegion,
        PlanarROIMeasurementsAndQualitativeEvaluations,
    )

    group = PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        time_point_context=when,
        referenced_region=ImageRegion(
            graphic_type=place.graphic_type,
            graphic_data=np.array(place.points),
            source_image=_source(measured),
        ),
    )
    return _commented(group, measured.text)


def _withdrawal(order: ReportOrder) -> Any:
    """Return the one group of a report that measures nothing: TID 1500 has none without a group."""
    from highdicom.sr import MeasurementsAndQualitativeEvaluations, TrackingIdentifier  # noqa: PLC0415

    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=derived_uid("withdrawal", order.sop_instance_uid), identifier="Withdrawal"
        )
    )
    return _commented(group, "No measurements. Those of the predecessor document are withdrawn.")


def _commented(group: Any, text: str) -> Any:
    from highdicom.sr import RelationshipTypeValues, TextContentItem  # noqa: PLC0415
    from pydicom.sr.codedict import codes  # noqa: PLC0415

    comment = TextContentItem(
        name=codes.DCM.Comment, value=text, relationship_type=RelationshipTypeValues.CONTAINS
    )
    group[0].ContentSequence.append(comment)
    return group


def _measurement(value: Value, measured: Measured) -> Any:
    from highdicom.sr import Measurement  # noqa: PLC0415
    from pydicom.sr.coding import Code  # noqa: PLC0415

    return Measurement(
        name=Code(*_NAMES[value.name]),
        value=round(value.number, 6),
        unit=Code(value.unit, "UCUM", _UNITS[value.unit]),
        referenced_coordinates=[_coordinates(value.shape, measured)],
    )


def _coordinates(shape: Shape, measured: Measured) -> Any:
    import numpy as np  # noqa: PLC0415
    from highdicom.sr import CoordinatesForMeasurement  # noqa: PLC0415

    coordinates = CoordinatesForMeasurement(
        graphic_type=shape.graphic_type,
        graphic_data=np.array(shape.points),
        source_image=_source(measured),
    )
    # TID 300 has the image SELECTED FROM by the coordinates; the library says INFERRED FROM.
    coordinates.ContentSequence[0].RelationshipType = "SELECTED FROM"
    return coordinates


def _source(measured: Measured) -> Any:
    from highdicom.sr import SourceImageForRegion  # noqa: PLC0415

    return SourceImageForRegion(
        measured.sop_class_uid,
        measured.sop_instance_uid,
        [measured.frame] if measured.frame else None,
    )


def _evidence(order: ReportOrder) -> list[Any]:
    """Return the instances that were measured, each once."""
    found = {
        measured.sop_instance_uid: _reference(
            order,
            measured.series_instance_uid,
            measured.sop_instance_uid,
            sop_class_uid=measured.sop_class_uid,
            study_instance_uid=measured.study_instance_uid,
        )
        for measured in order.measurements
    }
    return list(found.values())


def _reference(
    order: ReportOrder,
    series_instance_uid: str,
    sop_instance_uid: str,
    *,
    sop_class_uid: str = COMPREHENSIVE_SR,
    study_instance_uid: str = "",
) -> Any:
    """Return an instance of the study, or of another one, as far as a reference to it needs."""
    from pydicom.dataset import Dataset  # noqa: PLC0415

    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientID, ds.PatientName = order.patient_id, order.patient_name
    ds.PatientSex = order.patient_sex
    born = order.patient_birth_date
    ds.PatientBirthDate = born.strftime("%Y%m%d") if born else ""
    ds.StudyInstanceUID, ds.StudyID = study_instance_uid or order.study_instance_uid, order.study_id
    ds.AccessionNumber = order.accession_number
    ds.StudyDate, ds.StudyTime = order.study_date, order.study_time
    ds.ReferringPhysicianName = order.referring_physician_name
    ds.SeriesInstanceUID = series_instance_uid
    ds.SOPInstanceUID, ds.SOPClassUID = sop_instance_uid, sop_class_uid
    return ds


def _person_name(name: str) -> str:
    """Return a name as DICOM writes it: family^given^middle^prefix (PS3.5 section 6.2)."""
    words = name.replace("^", " ").replace("=", " ").replace("\\", " ").split()
    prefix = words.pop(0) if len(words) > 1 and words[0].endswith(".") else ""
    if not words:
        return "Unknown^"
    given = " ".join(words[:-1])
    return f"{words[-1]}^{given}^^{prefix}" if prefix else f"{words[-1]}^{given}"


_TOOLS = {
    "length": "Length",
    "angle": "Angle",
    "bidirectional": "Bidirectional",
    "ellipse": "EllipticalROI",
    "rectangle": "RectangleROI",
    "arrow": "ArrowAnnotate",
}
_NAMES = {
    "length": ("410668003", "SCT", "Length"),
    "angle": ("1483009", "SCT", "Angle"),
    "long_axis": ("103339001", "SCT", "Long Axis"),
    "short_axis": ("103340004", "SCT", "Short Axis"),
    "area": ("42798000", "SCT", "Area"),
    "mean": ("373098007", "SCT", "Mean"),
    "standard_deviation": ("386136009", "SCT", "Standard Deviation"),
    "minimum": ("255605001", "SCT", "Minimum"),
    "maximum": ("56851009", "SCT", "Maximum"),
}
_UNITS = {
    "mm": "millimeter",
    "mm2": "square millimeter",
    "mm{detector}": "millimeter at the detector",
    "mm2{detector}": "square millimeter at the detector",
    "deg": "degree",
    "{pixels}": "pixels",
    "{square_pixels}": "square pixels",
    "[hnsf'U]": "Hounsfield unit",
    "1": "no units",
}

if __name__ == "__main__":
    main()
