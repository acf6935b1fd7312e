"""When two identifiers mean the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dicom.identity import (
    Person,
    Sameness,
    compare_persons,
    comparison_key,
    patient_key,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("20251111-ABCD1", " 20251111-abcd1 "),
        ("000123", "123"),
        ("1 2 3", "123"),
        ("mrn-7", "MRN-7"),
    ],
)
def test_spelling_does_not_tell_identifiers_apart(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("0012-A", "12-A"), ("A012", "A12"), ("120", "12"), ("0", ""), ("١٢", "12")],
)
def test_what_may_tell_two_apart_is_kept(one: str, other: str) -> None:
    """A zero inside or behind a letter belongs to the number; zero itself is a number."""
    assert comparison_key(one) != comparison_key(other)


@given(st.text(max_size=20))
def test_key_of_a_key_is_itself(identifier: str) -> None:
    key = comparison_key(identifier)
    assert comparison_key(key) == key


def test_name_is_not_even_looked_at() -> None:
    assert "name" not in Person.__dataclass_fields__


def test_same_id_is_the_same_person() -> None:
    assert compare_persons(Person("1"), Person("001")) is Sameness.SAME


def test_missing_id_is_never_the_same_person() -> None:
    born = date(1980, 5, 17)
    assert compare_persons(Person("", birth_date=born), Person("1", "", born)) is Sameness.UNKNOWN


@pytest.mark.parametrize("placeholder", ["", " ", "0", "000", "unknown", "ANON", "n/a"])
def test_placeholder_names_nobody(placeholder: str) -> None:
    """Thousands of studies carry the same word where nobody entered an ID."""
    assert compare_persons(Person(placeholder), Person(placeholder)) is Sameness.UNKNOWN
    assert patient_key(placeholder) == ""


def test_other_issuer_is_another_person() -> None:
    """Two hospitals may give the same number to two people."""
    assert compare_persons(Person("1", "A"), Person("1", "B")) is Sameness.OTHER_ISSUER
    assert compare_persons(Person("1", "A"), Person("1", "")) is Sameness.SAME


def test_other_birth_date_is_another_person() -> None:
    """A number mistyped into somebody else's is the accident that a birth date shows."""
    one, other = Person("1", "", date(1980, 5, 17)), Person("1", "", date(1981, 5, 17))
    assert compare_persons(one, other) is Sameness.OTHER_BIRTH_DATE
    assert Sameness.OTHER_BIRTH_DATE.differs
