"""A patient with an unmistakable mark in every field goes through everything that can happen.

Then whatever leaves the house, or lies about in it, is searched for the marks: the log of every
process, texts, mails, calls, call-backs, figures, and what is written on dead letters. A leak shows
here with the place where it came out.
"""

import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

from contracts.topics import CRITICAL_FINDING, IMAGES_INGESTED, ORDER_CREATED, REPORT_FINALIZED
from deploy.demo.session import DemoFailed
from deploy.local.installation import WORKERS
from services import dead_letters
from services.dead_letters import DeadLetter
from services.kafka import KafkaSettings, Outgoing, Publisher
from tests.harness.case import (
    CRITICAL,
    REPORT,
    SIGNATURE,
    CriticalCase,
    House,
    Person,
    hospital,
    link_in,
    open_rooms,
    path_of,
    reply_code_in,
)
from tests.harness.dicom import TestInstance, TestPatient, TestStudy, build_study, encode
from tests.harness.standins import eventually
from tests.harness.stow import RELATED, related
from tests.harness.system import System, running_system

pytestmark = pytest.mark.timeout(300)

FAMILY, GIVEN = "Qumarkfamily", "Zomarkgiven"
MRN = "QMRN-7719-0034"
BORN = "1931-02-27"
MARKED = Person(mrn=MRN, name=f"{FAMILY}^{GIVEN}", birth_date=BORN, sex="F")
IN_ORDER = {
    "clinicalIndication": "markindication of the knee",
    "clinicalHistory": "markhistory since childhood",
    "specialInstructions": "markinstruction: needs a lift",
    "statedSafety": {"contrast": {"allergyToContrast": "no", "allergyDetail": "markallergy"}},
}
IN_REPORT = {
    "technique": "marktechnique with contrast",
    "comparison": "markcomparison of last year",
    "findings": "markfindings in both lungs",
    "impression": "markimpression of the whole",
}
IN_CRITICAL = {**CRITICAL, "criticalFindingsText": "markcritical, very large"}
STUDY = TestStudy(
    seed="marked study",
    patient=TestPatient(patient_id=MRN, name=MARKED.name, birth_date=date.fromisoformat(BORN)),
    description="Markdescription",
    instances=3,
)
MARKS = {
    "name": (FAMILY, GIVEN),
    "MRN": (MRN,),
    "id": (MARKED.id,),
    "birth date": (BORN, "19310227", "27.02.1931", "02/27/1931", "27 Feb 1931", "Feb 27, 1931"),
    "texts": ("mark(?:indication|history|instruction|technique|comparison|findings|impression)",
              "mark(?:critical|readback|reason|detail|addition|filename|description|query|allergy)",
              "markconfirmation"),
}  # fmt: skip


@dataclass
class Life:
    """What the marked patient went through, and where it can be looked at."""

    house: House
    marks: dict[str, tuple[str, ...]]
    orders: list[dict[str, Any]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def system(self) -> System:
        return self.house.system

    @property
    def kafka(self) -> KafkaSettings:
        return KafkaSettings(bootstrap_servers=f"127.0.0.1:{self.system.ports.kafka}")

    def found_in(self, lines: Iterable[str], *, without: tuple[str, ...] = ()) -> list[str]:
        """Return what carries a mark, and which."""
        searched = [
            (kind, re.compile(mark, re.IGNORECASE))
            for kind, marks in self.marks.items()
            if kind not in without
            for mark in marks
        ]
        return [
            f"{kind}: {line[:500]}"
            for line in lines
            for kind, mark in searched
            if mark.search(line)
        ]


@pytest_asyncio.fixture(scope="module")
async def life(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Life]:
    """A system of its own, so that what its servers write is seen as well."""
    async with (
        running_system(tmp_path_factory.mktemp("marked")) as system,
        hospital(system) as house,
    ):
        lived = Life(house, {**MARKS})
        await _live(lived)
        yield lived


async def _live(life: Life) -> None:
    house = life.house
    case = await _examined_and_signed(life)
    await _confirmed_by_every_way(life, case)
    await _refused(life, case.order)
    await _sorted_out(life, case.order)
    await _poisoned(life)
    await _in_an_outage(life)
    for order in life.orders:
        suffix = order["accessionNumber"].rpartition("-")[2]
        life.marks["accession"] = (*life.marks.get("accession", ()), rf"\b{suffix}\b")
    uids = {one.study_instance_uid for one in _images("")} | set(_uids(_images("")))
    life.marks["UIDs"] = tuple(re.escape(uid) for uid in uids)
    people = (house.smith, house.jones, house.adams, house.diaz)
    life.marks["addresses"] = tuple(
        re.escape(text) for one in people for text in (one.person.phone[1:], one.person.email)
    )


async def _examined_and_signed(life: Life) -> CriticalCase:
    house = life.house
    order = await house.order(MARKED, **IN_ORDER)
    life.orders.append(order)
    path = path_of(order)
    await house.cole.post(f"{path}/check-in", {"identityVerified": True})
    answers = {"allergyToContrast": True, "allergyDetail": "markallergy", "premedicated": True}
    words = {"allergyToContrast": "markconfirmation, says she"}
    screened = {"contrast": {**answers, "egfrMlPerMin": 80}, "confirmations": words}
    await house.cole.post(f"{path}/screening", screened)
    await house.cole.post(f"{path}/start")
    scanned, stowed, uploaded = _images(order["accessionNumber"])
    assert set(await house.scan([scanned])) == {0}
    assert (await _stow(house, stowed.content)).status_code == 200
    await house.cole.upload(f"{path}/images", f"markfilename {FAMILY}.dcm", uploaded.content)
    await house.images_arrived(order, 3)
    await house.cole.post(f"{path}/complete", {"expectedInstances": 3})
    await house.adams.post(f"{path}/claim")
    await house.adams.get(f"{path}/viewer-data")
    draft = {**IN_REPORT, "status": "PRELIMINARY", "expectedVersion": 0}
    saved = await house.adams.post(f"{path}/report", draft)
    final = {**IN_REPORT, **IN_CRITICAL, **SIGNATURE, "expectedVersion": saved["version"]}
    await house.adams.post(f"{path}/report", final)
    return CriticalCase(house, order, await house.alert_of(order))


async def _confirmed_by_every_way(life: Life, case: CriticalCase) -> None:
    house = life.house
    sms, mail, call = await case.sms(), await case.mail(), await case.call()
    assert call["to"] == house.smith.person.phone
    life.links.append(link_in(mail["text"]))
    reply = f"{FAMILY} markquery {reply_code_in(sms['body'])}"
    answer = {"phone": house.smith.person.phone, "body": reply}
    (await house.phones.post("/control/replies", json=answer)).raise_for_status()
    await case.until(lambda alert: alert["status"] == "ACKNOWLEDGED")
    await house.smith.post(f"{case.path}/read-back", {"text": f"markreadback {FAMILY}"})
    of_order = f"{path_of(case.order)}/report"
    report = await house.adams.until(of_order, lambda r: r["communications"] and r["pdfUrl"])
    await house.adams.post(
        f"/api/radiology/reports/{report['id']}/amend",
        {
            **IN_REPORT,
            "amendmentReason": "markreason for it",
            "signature": SIGNATURE["signature"],
            "expectedVersion": report["version"],
        },
    )
    await eventually(lambda: house.callbacks_of(case.order), seconds=30)


async def _refused(life: Life, order: dict[str, Any]) -> None:
    """What is refused is often quoted by those who refuse: validation, conflict, rights."""
    house, path = life.house, path_of(order)
    wrong = {"patient": {**MARKED.body, "birthDate": f"{BORN}T{FAMILY}"}, "modality": FAMILY}
    for attempt in (
        house.smith.post("/api/radiology/orders", wrong),
        house.cole.post(f"{path}/cancel", {"reason": f"markreason {FAMILY}"}),
        house.adams.post(f"{path}/report", {**IN_REPORT, "expectedVersion": 1}),
        house.adams.post(f"{path}/report", {**IN_REPORT, **SIGNATURE, "expectedVersion": "x"}),
        house.jones.get(path),
        house.adams.get(f"/api/radiology/orders?patient={FAMILY}&markquery={MRN}"),
        house.adams.get(f"/api/radiology/patients/{MRN}/prior-studies"),
        house.adams.get(f"/dicom-web/studies/{STUDY.study_instance_uid}/series/1.2.3/metadata"),
        house.adams.get(f"/dicom-web/studies/{FAMILY}/series/{MRN}/metadata"),
    ):
        with contextlib.suppress(DemoFailed):
            await attempt
    found = await house.adams.post("/api/radiology/orders/search", {"patient": FAMILY})
    assert found["total"] == 1, "positive control: the patient is there"
    await house.anybody.get(f"/acknowledge/{FAMILY}-{MRN}")
    await house.anybody.post(f"/acknowledge/{FAMILY}-{MRN}", data={"readBack": "markreadback"})
    again = await house.order(MARKED, **IN_ORDER)
    life.orders.append(again)
    await house.cole.post(f"{path_of(again)}/cancel", {"reason": f"markreason {FAMILY}"})


async def _sorted_out(life: Life, order: dict[str, Any]) -> None:
    """Images that contradict, belong to nobody, or cannot be read."""
    house = life.house
    scanned, stowed, uploaded = _images(order["accessionNumber"])
    changed = dcmread(DicomBytesIO(scanned.content))
    changed.StudyDescription = "Markaddition"
    assert (await _stow(house, encode(changed))).status_code == 200
    [nobodys] = build_study(
        STUDY, seed="marked, of no order", instances=1, accession_number=f"NO{MRN}"[:16]
    )
    assert (await _stow(house, nobodys.content)).status_code == 200
    for broken in (stowed.content[:700], uploaded.content[:-40], FAMILY.encode() * 40):
        await _stow(house, broken)
        with contextlib.suppress(DemoFailed):
            await house.cole.upload("/api/radiology/uploads", f"markfilename {MRN}.zip", broken)
    await house.cole.until(
        "/api/radiology/studies/unmatched",
        lambda page: nobodys.study_instance_uid in str(page),
    )
    await house.cole.until("/api/radiology/quarantine", lambda page: page["total"] >= 1)


async def _poisoned(life: Life) -> None:
    """Records that no worker can handle, with the patient in value, key and headers of the data."""
    value = f'{{"patient": {{"name": "{FAMILY}", "mrn": "{MRN}", "birthDate": "{BORN}"}}}}'.encode()
    topics = (ORDER_CREATED, IMAGES_INGESTED, REPORT_FINALIZED, CRITICAL_FINDING)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(uuid4()).encode()),
        ("ce_source", b"/outside"),
        ("content-type", b"application/json"),
    ]
    async with Publisher(life.kafka, client_id="tests") as publisher:
        await publisher.publish_many(
            [
                Outgoing(
                    topic.name,
                    b"a key",
                    value,
                    [*headers, ("ce_type", topic.type.encode())],
                )
                for topic in topics
            ]
        )

    async def all_set_aside() -> bool:
        return len(await _dead(life)) >= len(topics)

    await eventually(all_set_aside, seconds=60)


async def _in_an_outage(life: Life) -> None:
    """PostgreSQL dies while the patient is being worked on: drivers complain, and may quote."""
    house = life.house
    postgres = house.system.process("postgres")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    with contextlib.suppress(DemoFailed, httpx.HTTPError):
        await house.smith.post("/api/radiology/orders", {"patient": MARKED.body, **IN_ORDER})
    unified = await house.unified_order(MARKED, **IN_ORDER)

    async def dispatched() -> dict[str, Any] | None:
        order = (await house.workflow.get(f"/api/workflow/orders/{unified['id']}")).json()
        return order if order["items"][0]["state"] == "DISPATCHED" else None

    placed = await eventually(dispatched, seconds=60)
    life.orders.append(await house.cole.get(path_of({"id": placed["items"][0]["imagingOrderId"]})))
    await open_rooms(house.diaz, 1)


def _images(accession_number: str) -> list[TestInstance]:
    return build_study(STUDY, accession_number=accession_number)


def _uids(images: Iterable[TestInstance]) -> list[str]:
    return [uid for one in images for uid in (one.series_instance_uid, one.sop_instance_uid)]


async def _stow(house: House, content: bytes) -> httpx.Response:
    credential = house.system.environment_of("gateway")["GATEWAY_UPLOADER_CREDENTIAL"]
    headers = {"content-type": RELATED, "authorization": f"Bearer {credential}"}
    return await house.anybody.post(
        "/dicom-web/studies", content=related([content]), headers=headers
    )


async def _dead(life: Life) -> list[DeadLetter]:
    listed = await dead_letters.summaries(life.kafka)
    found = [await dead_letters.find(life.kafka, letter.id) for letter in listed]
    return [letter for letter in found if letter is not None]


async def test_no_log_line_of_any_process_names_the_patient(life: Life) -> None:
    """Servers included: PostgreSQL likes to quote a row that it refuses."""
    lines = life.system.log.read_text(encoding="utf-8").splitlines()

    wrote = {line.split(" ", 2)[1] for line in lines}
    assert {"gateway", *WORKERS[:4], "postgres"} <= wrote, "positive control: they all write here"
    assert any('"alert_opened"' in line for line in lines)
    assert life.found_in(lines) == []


async def test_no_text_or_call_names_the_patient(life: Life) -> None:
    state = (await life.house.phones.get("/control/state")).json()
    sent = [m["body"] for m in state["messages"] if m["direction"] != "inbound"]
    spoken = [
        line["text"]
        for call in state["calls"]
        for line in call["transcript"]
        if line["voice"] == "hospital"
    ]

    assert sent
    assert spoken
    assert life.found_in([*sent, *spoken], without=("addresses",)) == []


async def test_no_mail_names_the_patient(life: Life) -> None:
    """The whole letter is searched, headers and encoded parts included."""
    mails = (await life.house.mailboxes.get("/api/messages")).json()["messages"]
    raw = [(await life.house.mailboxes.get(f"/api/messages/{m['id']}/raw")).text for m in mails]

    assert mails
    texts = [m["subject"] + m["text"] for m in mails]
    assert life.found_in([*texts, *raw], without=("addresses",)) == []


async def test_no_call_back_or_address_names_the_patient(life: Life) -> None:
    """Addresses are kept by every proxy and browser on their way; call-backs leave the house."""
    callbacks = (await life.house.workflow.get("/api/workflow/callbacks/radiology")).json()
    bodies = [str(callback["data"]) for callback in callbacks["callbacks"]]
    state = (await life.house.phones.get("/control/state")).json()
    delivered = [str({**d, "phone": ""}) for d in state["callbacks"]]

    assert bodies
    assert life.links
    # The workflow service knows its order by our number.
    assert life.found_in([*bodies, *delivered], without=("accession",)) == []
    assert life.found_in(life.links) == []


async def test_no_figure_names_the_patient(life: Life) -> None:
    async with httpx.AsyncClient(timeout=10) as client:
        pages = {
            name: (await client.get(f"{life.system.url(name)}/metrics")).text
            for name in (*WORKERS, "gateway")
        }

    assert all("radiology_" in page for page in pages.values())
    lines = [line for page in pages.values() for line in page.splitlines()]
    assert life.found_in(lines) == []


async def test_what_we_write_on_a_dead_letter_does_not_quote_it(life: Life) -> None:
    """The record itself is kept byte for byte; what is added says why, without its content."""
    letters = await _dead(life)
    added = [
        f"{letter.worker} {letter.origin} {letter.error} {letter.reason}" for letter in letters
    ]

    assert any(FAMILY.encode() in (letter.value or b"") for letter in letters), "positive control"
    assert all(letter.error for letter in letters)
    assert life.found_in(added) == []


async def test_the_patient_is_where_it_belongs(life: Life) -> None:
    """Positive control of the marks: the record holds what was searched for elsewhere."""
    order, path = life.orders[0], path_of(life.orders[0])
    shown = str(await life.house.cole.get(path)) + str(await life.house.adams.get(f"{path}/report"))

    assert order["patient"]["name"] == MARKED.name
    kinds = {found.split(":")[0] for found in life.found_in([shown])}
    assert kinds >= {"name", "MRN", "birth date", "texts", "accession", "UIDs"}
    assert REPORT["findings"] not in shown
