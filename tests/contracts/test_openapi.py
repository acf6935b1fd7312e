"""The committed description of the API is that of the routes: the portals' client comes from it."""

import json
from typing import Any

from gateway.openapi import OPENAPI_FILE, text


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(OPENAPI_FILE.read_text())
    return loaded


def operations() -> list[dict[str, Any]]:
    return [operation for path in document()["paths"].values() for operation in path.values()]


def test_committed_openapi_is_that_of_the_routes() -> None:
    assert OPENAPI_FILE.read_text() == text(), "run: .venv/bin/python -m gateway.openapi"


def test_every_operation_says_what_it_does() -> None:
    for operation in operations():
        assert operation["operationId"]
        assert operation.get("description"), operation["operationId"]


def test_errors_are_problems_everywhere() -> None:
    for operation in operations():
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(response["content"]) == ["application/problem+json"], operation


def test_names_on_the_wire_are_camel_case() -> None:
    for name, schema in document()["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert "_" not in field, f"{name}.{field}"


def test_no_address_carries_a_name_or_a_medical_record_number() -> None:
    """What is in an address ends up in logs of proxies and in a browser's history."""
    forbidden = {"patient", "patientName", "name", "mrn", "text", "birthDate"}

    for operation in operations():
        told = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert not told & forbidden, operation["operationId"]


def test_what_is_said_of_versions_is_one_rule() -> None:
    """Who reads If-Match says so, and refuses a stale one; some demand that one is named.

    Of a report, a stale one is a conflict of two texts (409).
    """
    reading = {o["operationId"] for o in operations() if "If-Match" in _parameters(o)}
    refusing = {o["operationId"] for o in operations() if "412" in o["responses"]}
    demanding = {o["operationId"] for o in operations() if "428" in o["responses"]}

    assert reading == refusing | {"writeReport", "amendReport"}
    assert demanding == {"writeReport", "amendReport", "saveEquipment"}


def _parameters(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", [])}


def test_who_sends_json_may_be_told_that_it_is_none() -> None:
    for operation in operations():
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            assert {"400", "415"} <= set(operation["responses"]), operation["operationId"]
