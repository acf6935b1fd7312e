"""Our table of data elements is that of the standard."""

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_VR

from services.dicom.dictionary import value_representation


def test_every_standard_element_is_there() -> None:
    told = {tag: entry[0] for tag, entry in DicomDictionary.items() if entry[0] not in {"", "NONE"}}

    assert {tag: value_representation(tag) for tag in told} == told
    assert len(told) > 5000


def test_overlays_are_known_in_each_of_their_groups() -> None:
    for tag in (0x60000010, 0x60023000, 0x601E0015, 0x50000005):
        assert value_representation(tag) == dictionary_VR(tag)


def test_private_and_unknown_elements_are_not() -> None:
    assert value_representation(0x00291010) is None
    assert value_representation(0x60010010) is None
    assert value_representation(0x00100999) is None
