"""Which order a study fulfils, by the rules; and what a person may decide instead.

What must stay true: images never go to another patient's order by themselves. Two things that do
not depend on each other must agree, accession number and patient; a name never decides; what does
not agree goes on a list for a person, whose decision the rules do not touch.
"""

from collections.abc import Callable, Iterable, Sequence

from contracts.enumerations import MatchState
from contracts.people import Actor
from ingest_worker.domain.study import KnownOrder, Study
from ingest_worker.errors import OrderCancelled, PatientDiffers, StudyMatched, StudyNotMatched
from services.dicom.identity import Sameness, compare_persons, patient_key

MAX_CANDIDATES = 20


def match_order(study: Study, orders: Sequence[KnownOrder]) -> Study:
    """Match a study by the rules, or say why none fits.

    Parameters
    ----------
    orders : those that the uploader named, that carry the accession number, or that are the
        patient's; in any order, may be empty.

    Notes
    -----
    A match once made stands: another order that turns up later does not take the images away.
    """
    if study.match_decided_by is not None or study.match_state is MatchState.MATCHED:
        return study
    by_id = {order.id: order for order in orders}
    claimed = by_id.get(study.claimed_order_id) if study.claimed_order_id else None
    if claimed and not claimed.is_cancelled and accession_allows(study, claimed):
        return _match_claimed(study, claimed)
    named = [o for o in orders if study.accession_key and o.accession_key == study.accession_key]
    if named:
        return _match_named(study, named)
    of_patient = [
        order
        for order in orders
        if not order.is_cancelled and compare_persons(study.person, order.person) is Sameness.SAME
    ]
    reason = (
        "no order has this accession number"
        if study.accession_key
        else "the images carry no accession number"
    )
    return _unmatched(study, MatchState.NO_ORDER, reason, _likely_first(study, of_patient))


def decide_match(
    study: Study, order: KnownOrder, actor: Actor, reason: str, *, confirmed: bool
) -> Study:
    """Match as a person says; another patient's order only when that was confirmed.

    Raises
    ------
    OrderCancelled : a cancelled order takes no images.
    PatientDiffers : something known on both sides contradicts, and nobody confirmed it.
    """
    if order.is_cancelled:
        raise OrderCancelled
    sameness = compare_persons(study.person, order.person)
    if sameness.differs and not confirmed:
        raise PatientDiffers(
            f"In images and order {sameness.value}; confirm that they belong together."
        )
    matched = _matched(study, order, reason)
    return matched.changed(match_decided_by=actor)


def keep_without_order(study: Study, actor: Actor, reason: str) -> Study:
    """Keep a study from elsewhere as it is: it is off the list, and a prior like any other.

    Raises
    ------
    StudyMatched : it fulfils an order; take the match back first.
    """
    if study.imaging_order_id is not None:
        raise StudyMatched
    return study.changed(
        match_state=MatchState.NO_ORDER,
        kept_without_order=True,
        candidate_order_ids=(),
        match_decided_by=actor,
        match_reason=reason,
    )


def take_back_match(study: Study, orders: Sequence[KnownOrder], actor: Actor, reason: str) -> Study:
    """Take a match, or a decision to keep without one, back; the rules do not make it again.

    Parameters
    ----------
    orders : what `match_order` would choose from; why none fits is said again as the rules say it.

    Raises
    ------
    StudyNotMatched : there is nothing to take back.
    """
    if study.imaging_order_id is None and not study.kept_without_order:
        raise StudyNotMatched
    freed = study.changed(
        match_state=MatchState.NO_ORDER,
        kept_without_order=False,
        imaging_order_id=None,
        match_decided_by=None,
        patient_key=patient_key(study.patient_id),
    )
    found = match_order(freed, orders)
    is_match = found.match_state is MatchState.MATCHED
    likely = (study.imaging_order_id, found.imaging_order_id, *found.candidate_order_ids)
    return freed.changed(
        match_state=MatchState.NO_ORDER if is_match else found.match_state,
        candidate_order_ids=tuple(dict.fromkeys(id_ for id_ in likely if id_))[:MAX_CANDIDATES],
        match_decided_by=actor,
        match_reason=reason,
    )


def accession_allows(study: Study, order: KnownOrder) -> bool:
    """Tell whether the images can carry its number; without one they contradict nothing."""
    return study.accession_key in {"", order.accession_key}


def modality_fits(study: Study, order: KnownOrder) -> bool:
    """Tell whether the images can be what was asked for."""
    return order.modality.may_be(study.modality)


def _match_claimed(study: Study, order: KnownOrder) -> Study:
    sameness = compare_persons(study.person, order.person)
    if sameness.differs:
        return _unmatched(study, MatchState.PATIENT_DIFFERS, sameness.value, [order])
    return _matched(study, order, "named by the uploader; nothing in the images contradicts")


def _match_named(study: Study, named: Sequence[KnownOrder]) -> Study:
    open_orders = [order for order in named if not order.is_cancelled]
    if not open_orders:
        return _unmatched(study, MatchState.NO_ORDER, "the order was cancelled", named)
    agreeing = [
        order
        for order in open_orders
        if compare_persons(study.person, order.person) is Sameness.SAME
    ]
    if not agreeing:
        return _unmatched(
            study,
            MatchState.PATIENT_DIFFERS,
            compare_persons(study.person, open_orders[0].person).value,
            open_orders,
        )
    # Spelt alike counts more than equal without zeros; then, which modality was asked for.
    fitting = _only_if_any(agreeing, lambda o: o.accession_number == study.accession_number)
    fitting = _only_if_any(fitting, lambda o: modality_fits(study, o))
    if len(fitting) > 1:
        reason = "several orders have this accession number"
        return _unmatched(study, MatchState.SEVERAL_ORDERS, reason, fitting)
    order = fitting[0]
    reason = "accession number and patient agree"
    if not modality_fits(study, order):
        reason += f"; the order asks for {order.modality}, the images are {study.modality}"
    return _matched(study, order, reason)


def _matched(study: Study, order: KnownOrder, reason: str) -> Study:
    return study.changed(
        match_state=MatchState.MATCHED,
        kept_without_order=False,
        imaging_order_id=order.id,
        candidate_order_ids=(),
        match_decided_by=None,
        match_reason=reason,
        patient_key=order.patient_key,
    )


def _unmatched(
    study: Study, state: MatchState, reason: str, candidates: Iterable[KnownOrder]
) -> Study:
    return study.changed(
        match_state=state,
        match_reason=reason,
        candidate_order_ids=tuple(order.id for order in candidates)[:MAX_CANDIDATES],
    )


def _likely_first(study: Study, orders: Iterable[KnownOrder]) -> list[KnownOrder]:
    return sorted(orders, key=lambda o: (not modality_fits(study, o), str(o.id)))


def _only_if_any(orders: list[KnownOrder], fits: Callable[[KnownOrder], bool]) -> list[KnownOrder]:
    return [order for order in orders if fits(order)] or orders
