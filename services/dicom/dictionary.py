"""The value representation of every standard data element (PS3.6 section 6).

The table is pydicom's, read without importing pydicom: the whole package costs each process 45 MB,
and one that only parses headers needs nothing else of it.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path


def value_representation(tag: int) -> str | None:
    """Return what PS3.6 says of a tag, such as "DS" or "US or SS"; None if it is not there."""
    elements, repeaters = _tables()
    found = elements.get(tag)
    if found is None and tag >> 24 in {0x50, 0x60} and not tag >> 16 & 1:
        return repeaters.get(f"{tag >> 24:02x}xx{tag & 0xFFFF:04x}")
    return found


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[int, str], dict[str, str]]:
    package = importlib.util.find_spec("pydicom")
    if package is None or not package.submodule_search_locations:
        raise ImportError("pydicom is not installed")
    path = Path(package.submodule_search_locations[0]) / "_dicom_dict.py"
    spec = importlib.util.spec_from_file_location("dicom_dictionary", path)
    if spec is None or spec.loader is None:
        raise ImportError("pydicom has no dictionary")
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    elements = {tag: entry[0] for tag, entry in table.DicomDictionary.items()}
    repeaters = {tag: entry[0] for tag, entry in table.RepeatersDictionary.items()}
    return elements, repeaters
