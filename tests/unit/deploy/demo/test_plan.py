"""The department of the demo is one that a clinician believes."""

from datetime import date

from deploy.demo.plan import cases


def test_no_two_patients_have_one_name() -> None:
    names = [case.patient.name for case in cases()]

    assert len(set(names)) == len(names)


def test_an_obstetric_exam_is_of_a_woman_who_can_be_pregnant() -> None:
    patients = [
        case.patient for case in cases() if case.exam["studyType"] == "Obstetric Ultrasound"
    ]

    assert patients
    for patient in patients:
        assert patient.sex == "F"
        assert 18 <= (date(2026, 1, 1) - patient.birth_date).days // 365 <= 45
