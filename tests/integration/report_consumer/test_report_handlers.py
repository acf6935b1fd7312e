"""Reports on a real database: drafted, signed, amended; refused where that must be."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from contracts.enumerations import OrderStatus, ReportStatus
from contracts.events.order_updated import OrderUpdated
from contracts.topics import CRITICAL_FINDING, REPORT_UPDATED
from report_consumer import domain
from report_consumer import handlers as handlers_module
from report_consumer.errors import (
    AmendmentWithoutFinal,
    ContentHashMismatch,
    NoImagesYet,
    OrderCancelled,
    OrderNotHereYet,
    OrderUnknown,
    ReportAlreadyFinal,
    ReportVersionStale,
)
from report_consumer.handlers import ReportHandlers
from services.errors import DatabaseUnavailable
from tests.harness.outbox import last, outgoing
from tests.harness.reports import (
    ADAMS,
    CRITICAL,
    acknowledged,
    alert_updated,
    closed,
    drafted,
    finalized,
    order_state,
    order_updated,
)


async def test_draft_is_saved_and_published(handlers: ReportHandlers, order: OrderUpdated) -> None:
    draft = drafted(order.id)

    await handlers.on_report_drafted(draft)

    [snapshot] = await outgoing(handlers.database, REPORT_UPDATED)
    report = snapshot.data
    assert snapshot.envelope.causation_id == draft.id
    assert snapshot.key == str(order.id)
    assert report.status is ReportStatus.PRELIMINARY
    assert report.report_number.startswith("RAD-")
    assert report.current.content == draft.data.content
    assert report.current.signature is None
    assert report.current.exam.patient == order.details.patient


async def test_second_delivery_changes_nothing(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Kafka delivers at least once; the inbox makes the effect happen once."""
    signing = finalized(order.id, **CRITICAL)

    await handlers.on_report_finalized(signing)
    await handlers.on_report_finalized(signing)

    assert len(await outgoing(handlers.database, REPORT_UPDATED)) == 1
    assert len(await outgoing(handlers.database, CRITICAL_FINDING)) == 1


async def test_next_draft_takes_the_place_of_the_last(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id, findings="First"))

    await handlers.on_report_drafted(drafted(order.id, expected_version=1, findings="Second"))

    report = await last(handlers.database, REPORT_UPDATED, order.id)
    assert [version.content.findings for version in report.versions] == ["Second"]
    assert report.version == 2


async def test_every_draft_is_kept_in_the_ledger(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id, findings="First"))
    await handlers.on_report_drafted(drafted(order.id, expected_version=1, findings="Second"))

    async with handlers.database.connection() as connection:
        rows = await connection.fetch("select findings from report_versions order by number")
    assert [row["findings"] for row in rows] == ["First", "Second"]


async def test_two_editors_cannot_overwrite_each_other_silently(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id))
    await handlers.on_report_drafted(drafted(order.id, expected_version=1))

    with pytest.raises(ReportVersionStale) as refusal:
        await handlers.on_report_drafted(drafted(order.id, expected_version=1))

    assert refusal.value.current_version == 2


async def test_two_first_drafts_at_once_leave_one(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Both saw no report; one of them must hear that there is one now."""
    outcomes = await asyncio.gather(
        handlers.on_report_drafted(drafted(order.id)),
        handlers.on_report_drafted(drafted(order.id)),
        return_exceptions=True,
    )

    assert sorted(type(outcome) for outcome in outcomes if outcome) == [ReportVersionStale]
    assert len(await outgoing(handlers.database, REPORT_UPDATED)) == 1


async def test_signed_report_is_final_and_carries_its_signature(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id))

    await handlers.on_report_finalized(finalized(order.id, expected_version=1))

    report = await last(handlers.database, REPORT_UPDATED, order.id)
    assert report.status is ReportStatus.FINAL
    [version] = report.versions
    assert version.signature.signed_by == ADAMS
    assert version.signature.signed_at == report.updated_at
    assert version.signature.key_id == handlers.signer.key_id


async def test_late_draft_does_not_touch_a_signed_report(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Drafts and signatures travel by two topics: the signature may be handled first."""
    await handlers.on_report_finalized(finalized(order.id))

    with pytest.raises(ReportAlreadyFinal):
        await handlers.on_report_drafted(drafted(order.id, expected_version=1))


async def test_signing_again_needs_a_reason(handlers: ReportHandlers, order: OrderUpdated) -> None:
    await handlers.on_report_finalized(finalized(order.id))

    with pytest.raises(ReportAlreadyFinal):
        await handlers.on_report_finalized(finalized(order.id, expected_version=1))


async def test_amendment_joins_the_chain(handlers: ReportHandlers, order: OrderUpdated) -> None:
    await handlers.on_report_finalized(finalized(order.id))

    await handlers.on_report_finalized(
        finalized(order.id, expected_version=1, reason="Side corrected", impression="Left side.")
    )

    report = await last(handlers.database, REPORT_UPDATED, order.id)
    original, amendment = report.versions
    assert report.status is ReportStatus.AMENDED
    assert amendment.amended_from == original.id
    assert amendment.amendment_reason == "Side corrected"
    assert original.status is ReportStatus.FINAL


async def test_amendment_without_the_finding_withdraws_its_alert_once(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Whoever was told of an embolism that is none may be treating it."""
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))
    for seen in (1, 2):
        await handlers.on_report_finalized(
            finalized(order.id, expected_version=seen, reason="No embolism: artefact")
        )

    raised, withdrawn = [e.data for e in await outgoing(handlers.database, CRITICAL_FINDING)]
    assert (raised.withdrawn, withdrawn.withdrawn) == (False, True)
    assert withdrawn.alert_id == raised.alert_id
    assert withdrawn.report_version == 2


async def test_amendment_of_a_draft_is_refused(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id))

    with pytest.raises(AmendmentWithoutFinal):
        await handlers.on_report_finalized(
            finalized(order.id, expected_version=1, reason="Side corrected")
        )


async def test_text_that_the_signer_did_not_see_is_not_signed(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    with pytest.raises(ContentHashMismatch):
        await handlers.on_report_finalized(finalized(order.id, content_sha256="0" * 64))


@pytest.mark.parametrize("statement", ["update", "delete", "truncate"])
async def test_database_itself_forbids_to_change_a_version(
    handlers: ReportHandlers, order: OrderUpdated, statement: str
) -> None:
    """A fault in the code must not be able to rewrite what was signed."""
    await handlers.on_report_finalized(finalized(order.id))
    sql = {
        "update": "update report_versions set state = state || '{\"number\": 9}'",
        "delete": "delete from report_versions",
        "truncate": "truncate report_versions cascade",
    }[statement]

    with pytest.raises(asyncpg.RestrictViolationError):
        async with handlers.database.connection() as connection:
            await connection.execute(sql)


async def test_report_waits_for_its_order(
    handlers: ReportHandlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order travels by another topic; the report may be a moment faster."""
    order = order_state()
    draft = drafted(order.id)
    with pytest.raises(OrderNotHereYet):
        await handlers.on_report_drafted(draft)

    await handlers.on_orders_updated([order_updated(order)])
    await handlers.on_report_drafted(draft)

    assert len(await outgoing(handlers.database, REPORT_UPDATED)) == 1


async def test_order_that_never_comes_is_unknown(
    handlers: ReportHandlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers_module, "ORDER_PATIENCE_SECONDS", 0.0)

    with pytest.raises(OrderUnknown):
        await handlers.on_report_drafted(drafted(uuid4()))


async def test_order_whose_images_do_not_come_is_refused(
    handlers: ReportHandlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = order_state(status=OrderStatus.SCHEDULED, received_instances=0)
    await handlers.on_orders_updated([order_updated(order)])
    draft = drafted(order.id)
    with pytest.raises(OrderNotHereYet):
        await handlers.on_report_drafted(draft)

    monkeypatch.setattr(handlers_module, "IMAGES_PATIENCE_SECONDS", 0.0)
    with pytest.raises(NoImagesYet):
        await handlers.on_report_drafted(draft)


async def test_database_that_is_away_is_waited_for(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Transient: the delivery backs off and tries again; nothing is set aside."""
    await handlers.database.pool.close()

    with pytest.raises(DatabaseUnavailable):
        await handlers.on_report_finalized(finalized(order.id))


async def test_refused_request_leaves_no_trace(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Not even in the inbox: else its answer could not be recorded there."""
    await handlers.on_report_finalized(finalized(order.id))
    refused = finalized(order.id, expected_version=1)
    with pytest.raises(ReportAlreadyFinal):
        await handlers.on_report_finalized(refused)

    with pytest.raises(ReportAlreadyFinal):
        await handlers.on_report_finalized(refused)


async def test_older_snapshot_of_an_order_changes_nothing(handlers: ReportHandlers) -> None:
    order = order_state(version=5, status=OrderStatus.CANCELLED)
    await handlers.on_orders_updated([order_updated(order)])
    await handlers.on_orders_updated([order_updated(order_state(order.id, version=4))])

    with pytest.raises(OrderCancelled):
        await handlers.on_report_drafted(drafted(order.id))


@pytest.mark.parametrize("versions", [(4, 5), (5, 4)])
async def test_newest_snapshot_of_a_batch_stays(
    handlers: ReportHandlers, versions: tuple[int, int]
) -> None:
    """One poll may hold several snapshots of an order, and one of them twice."""
    id_, other = uuid4(), order_state()
    states = {4: order_state(id_, version=4)}
    states[5] = order_state(id_, version=5, status=OrderStatus.CANCELLED)
    batch = [order_updated(states[version]) for version in versions]

    await handlers.on_orders_updated([batch[0], order_updated(other), batch[1], batch[0]])
    await handlers.on_orders_updated(batch)

    await handlers.on_report_drafted(drafted(other.id))
    with pytest.raises(OrderCancelled):
        await handlers.on_report_drafted(drafted(id_))


async def test_critical_finding_is_raised_with_the_signature(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))

    [finding] = await outgoing(handlers.database, CRITICAL_FINDING)
    report = await last(handlers.database, REPORT_UPDATED, order.id)
    assert finding.key == str(finding.data.alert_id)
    assert report.critical_alert_ids == (finding.data.alert_id,)
    assert finding.data.finding_code == "pulmonary_embolism"
    assert finding.data.stat
    assert finding.data.ordering_provider_id == order.details.ordering_provider_id


async def test_finding_raised_while_reading_is_not_raised_again(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """The doctor was called before the signature; signing must not call again."""
    await handlers.on_report_drafted(drafted(order.id, raise_now=True, **CRITICAL))

    await handlers.on_report_finalized(finalized(order.id, expected_version=1, **CRITICAL))

    assert len(await outgoing(handlers.database, CRITICAL_FINDING)) == 1
    report = await last(handlers.database, REPORT_UPDATED, order.id)
    assert len(report.critical_alert_ids) == 1


async def test_side_that_was_corrected_until_the_signature_goes_to_the_same_alert(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Raised while reading as left, raised again as both, signed as right: each is told once."""
    sides = [CRITICAL | {"critical_findings_text": f"Embolism {side}"} for side in ("L", "LR", "R")]
    drafts = [
        drafted(order.id, raise_now=True, expected_version=seen, **side)
        for seen, side in enumerate(sides[:2])
    ]
    signature = finalized(order.id, expected_version=2, **sides[2])

    for draft in drafts:
        await handlers.on_report_drafted(draft)
    for _ in range(2):
        await handlers.on_report_finalized(signature)
    await handlers.on_report_finalized(
        finalized(order.id, expected_version=3, reason="Typing error", **sides[2])
    )

    told = [event.data for event in await outgoing(handlers.database, CRITICAL_FINDING)]
    assert [(finding.report_version, finding.text) for finding in told] == [
        (1, "Embolism L"),
        (2, "Embolism LR"),
        (3, "Embolism R"),
    ]
    report = await last(handlers.database, REPORT_UPDATED, order.id)
    assert {finding.alert_id for finding in told} == set(report.critical_alert_ids)


async def test_flagged_draft_raises_nothing_by_itself(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_drafted(drafted(order.id, **CRITICAL))

    assert await outgoing(handlers.database, CRITICAL_FINDING) == []


async def test_first_acknowledgement_dates_the_notification(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))
    [finding] = await outgoing(handlers.database, CRITICAL_FINDING)
    alert = acknowledged(finding.data)

    await handlers.on_alert_updated(alert_updated(alert))

    report = await last(handlers.database, REPORT_UPDATED, order.id)
    assert report.critical_findings_notified_at == alert.acknowledgement.at
    assert report.communications == ()


async def test_closed_alert_becomes_an_addendum_once(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))
    [finding] = await outgoing(handlers.database, CRITICAL_FINDING)

    await handlers.on_alert_updated(alert_updated(closed(finding.data)))
    await handlers.on_alert_updated(alert_updated(closed(finding.data, version=4)))

    report = await last(handlers.database, REPORT_UPDATED, order.id)
    [addendum] = report.communications
    assert addendum.told == "Dr. John Smith"
    assert addendum.how == 'by telephone, read back as "Embolism on both sides"'
    assert report.version == 2


async def test_alert_of_nobody_s_report_is_ignored(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    """Alerts may come from others than us."""
    await handlers.on_report_finalized(finalized(order.id, **CRITICAL))
    [finding] = await outgoing(handlers.database, CRITICAL_FINDING)
    foreign = finding.data.model_copy(update={"alert_id": uuid4()})
    unknown = finding.data.model_copy(update={"report_id": uuid4()})

    await handlers.on_alert_updated(alert_updated(closed(foreign)))
    await handlers.on_alert_updated(alert_updated(closed(unknown)))

    assert len(await outgoing(handlers.database, REPORT_UPDATED)) == 1


async def test_what_was_published_is_what_is_stored(
    handlers: ReportHandlers, order: OrderUpdated
) -> None:
    await handlers.on_report_finalized(finalized(order.id))

    published = await last(handlers.database, REPORT_UPDATED, order.id)
    async with handlers.database.connection() as connection:
        state = await connection.fetchval(
            "select state::text from radiology_reports where id = $1", domain.report_id(order.id)
        )
    assert type(published).model_validate_json(state) == published
