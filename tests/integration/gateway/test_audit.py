"""Who did or saw what is written down before the answer leaves, and cannot be changed unseen."""

import asyncio
import io
from typing import Any

import asyncpg
import pytest
from rich.console import Console

from contracts.enumerations import Role
from contracts.topics import ORDER_UPDATED
from deploy.local import operations
from deploy.local.servers import Servers
from gateway.audit import AuditEntry, verify
from gateway.routes import router
from tests.harness.dicom import build_instance
from tests.harness.gateway import UPLOADER, TestGateway
from tests.harness.snapshots import order_snapshot
from tests.harness.standins import eventually
from tests.harness.stow import RELATED, related
from tests.integration.gateway.owner import Owner
from tests.integration.gateway.test_writes import order_body

ENTRY = AuditEntry(
    actor_id="somebody",
    actor_role="RADIOLOGIST",
    action="report.read",
    route="GET /x",
    resource="r-1",
    outcome=200,
)


async def rows(gateway: TestGateway, person_id: str) -> list[dict[str, Any]]:
    async with gateway.gateway.database.connection() as connection:
        found = await connection.fetch(
            "select action, route, resource, outcome, actor_role from audit"
            " where actor_id = $1 order by seq",
            person_id,
        )
    return [dict(row) for row in found]


async def test_reads_and_writes_are_written_down(gateway: TestGateway, owner: Owner) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    made = (await provider.post("/api/radiology/orders", json=order_body())).json()

    await provider.get(f"/api/radiology/orders/{made['id']}")

    assert await rows(gateway, provider.person_id) == [
        {
            "action": "order.create",
            "route": "POST /api/radiology/orders",
            "resource": "",
            "outcome": 201,
            "actor_role": "PROVIDER",
        },
        {
            "action": "order.read",
            "route": "GET /api/radiology/orders/{id}",
            "resource": made["id"],
            "outcome": 200,
            "actor_role": "PROVIDER",
        },
    ]


async def test_list_that_a_page_asks_for_again_and_again_is_written_once(
    gateway: TestGateway,
) -> None:
    """Twice a minute, from each page of each doctor, would bury what matters."""
    provider = await gateway.sign_in(Role.PROVIDER)
    other = await gateway.sign_in(Role.PROVIDER)

    for _ in range(3):
        assert (await provider.get("/api/radiology/alerts")).status_code == 200
    await provider.get("/api/radiology/alerts?pageSize=7")
    await other.get("/api/radiology/alerts")

    assert [row["action"] for row in await rows(gateway, provider.person_id)] == ["alert.read"] * 2
    assert len(await rows(gateway, other.person_id)) == 1


async def test_unchanged_list_is_written_again_after_a_while(
    gateway: TestGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = await gateway.sign_in(Role.PROVIDER)
    monkeypatch.setattr(router, "UNCHANGED_SECONDS", 0.0)

    for _ in range(2):
        await provider.get("/api/radiology/alerts")

    assert len(await rows(gateway, provider.person_id)) == 2


async def test_images_that_a_system_sends_are_written_down(gateway: TestGateway) -> None:
    async with gateway.gateway.database.connection() as connection:
        before = await connection.fetchval("select coalesce(max(seq), 0) from audit")
    system = gateway.anonymous()

    answer = await system.post(
        "/dicom-web/studies",
        content=related([build_instance().content]),
        headers={"content-type": RELATED, "authorization": f"Bearer {UPLOADER}"},
    )

    assert answer.status_code == 200
    async with gateway.gateway.database.connection() as connection:
        found = await connection.fetch(
            "select actor_id, actor_role, action, route, outcome from audit where seq > $1", before
        )
    assert [tuple(row) for row in found] == [
        ("uploader", "SYSTEM", "images.upload", "POST /dicom-web/studies", 200)
    ]


@pytest.mark.parametrize("what", ["archive", "series/1.3", "series/1.3/instances/1.4"])
async def test_images_that_are_taken_out_of_the_house_are_written_down(
    gateway: TestGateway, what: str
) -> None:
    radiologist = await gateway.sign_in(Role.RADIOLOGIST)

    await radiologist.get(f"/dicom-web/studies/1.2/{what}")

    seen, taken = await rows(gateway, radiologist.person_id)
    assert seen["route"] == "GET /dicom-web/studies/{study}"
    assert taken["route"].startswith("GET /dicom-web/studies/{study}/")
    assert taken["resource"].split("/")[0] == "1.2"


async def test_links_that_work_without_a_session_are_written_down(
    gateway: TestGateway, owner: Owner
) -> None:
    """Whoever has such a link reads the image, and no row says who."""
    person = await gateway.sign_in(Role.RADIOLOGIST)
    order = order_snapshot()
    await owner.publish(ORDER_UPDATED, order, order.id)
    url = f"/api/radiology/orders/{order.id}/viewer-data"

    async def is_there() -> bool:
        return (await person.get(url)).status_code == 200

    await eventually(is_there, seconds=20)

    await person.get(url, params={"links": "presigned"})

    viewed = [row["resource"] for row in await rows(gateway, person.person_id)]
    assert viewed[-2:] == [str(order.id), f"{order.id}/presigned"]


async def test_picture_that_the_viewer_saves_is_written_down(gateway: TestGateway) -> None:
    """The viewer draws it by itself; nothing else would tell that it left the house."""
    radiologist = await gateway.sign_in(Role.RADIOLOGIST)

    answer = await radiologist.post("/dicom-web/studies/1.2/series/1.3/pictures")

    assert answer.status_code == 204
    _, taken = await rows(gateway, radiologist.person_id)
    assert taken["route"] == "POST /dicom-web/studies/{study}/series/{series}/pictures"
    assert taken["resource"] == "1.2/1.3"


async def test_what_was_refused_is_written_down_too(gateway: TestGateway) -> None:
    technologist = await gateway.sign_in(Role.RADIOLOGY_TECH)

    await technologist.get("/api/radiology/reports")

    (row,) = await rows(gateway, technologist.person_id)
    assert (row["action"], row["outcome"]) == ("report.read", 403)


async def test_chain_holds_while_many_write(gateway: TestGateway) -> None:
    await asyncio.gather(*(gateway.gateway.audit.write(ENTRY) for _ in range(300)))

    verdict = await verify(gateway.gateway.database)

    assert verdict.holds
    assert verdict.rows >= 300


async def said_by_the_command(gateway: TestGateway) -> tuple[int, str]:
    """What `radiology audit verify` ends with, and prints."""
    screen = io.StringIO()
    url = gateway.settings.database_url.get_secret_value()
    code = await operations.verify_audit(url)(Console(file=screen, width=200))
    return code, screen.getvalue()


async def test_command_counts_the_rows_of_a_whole_log(gateway: TestGateway) -> None:
    await gateway.gateway.audit.write(ENTRY)

    code, text = await said_by_the_command(gateway)

    assert code == 0
    assert f"{(await verify(gateway.gateway.database)).rows} rows: the audit log is whole" in text


@pytest.mark.parametrize(
    "statement",
    ["update audit set outcome = 200", "delete from audit", "truncate audit"],
)
async def test_own_role_can_only_add(gateway: TestGateway, statement: str) -> None:
    await gateway.gateway.audit.write(ENTRY)

    async with gateway.gateway.database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_changed_row_is_named(gateway: TestGateway, servers: Servers) -> None:
    """Whoever is mightier than our role can change a row, but not unseen."""
    await gateway.gateway.audit.write(ENTRY)
    await gateway.gateway.audit.write(ENTRY)
    before = await verify(gateway.gateway.database)
    database = str(gateway.settings.database_url.get_secret_value()).rsplit("/", 1)[1]
    admin = await asyncpg.connect(servers.postgres_admin_url.rsplit("/", 1)[0] + f"/{database}")
    try:
        await admin.execute("alter table portal.audit disable trigger all")
        await admin.execute(
            "update portal.audit set actor_id = 'another' where seq = $1", before.rows - 1
        )
        verdict = await verify(gateway.gateway.database)
        code, text = await said_by_the_command(gateway)
        await admin.execute(
            "update portal.audit set actor_id = 'somebody' where seq = $1", before.rows - 1
        )
        await admin.execute("alter table portal.audit enable trigger all")
    finally:
        await admin.close()

    assert before.holds
    assert verdict.broken_at == before.rows - 1
    assert code == 1
    assert f"row {before.rows - 1} was changed" in text
    assert (await verify(gateway.gateway.database)).holds


async def test_rows_cut_off_at_the_end_are_missed(gateway: TestGateway, servers: Servers) -> None:
    await gateway.gateway.audit.write(ENTRY)
    before = await verify(gateway.gateway.database)
    database = str(gateway.settings.database_url.get_secret_value()).rsplit("/", 1)[1]
    admin = await asyncpg.connect(servers.postgres_admin_url.rsplit("/", 1)[0] + f"/{database}")
    try:
        await admin.execute("alter table portal.audit disable trigger all")
        await admin.execute("delete from portal.audit where seq = $1", before.rows)
    finally:
        await admin.close()

    verdict = await verify(gateway.gateway.database)

    assert before.holds
    assert verdict.broken_at == before.rows
