"""What may happen to an order: the status machine, the safety gate, reading claims."""

from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from contracts.enumerations import ContrastType, Modality, OrderStatus, Priority, Role
from contracts.events.order_created import StatedContrast, StatedMri, StatedSafety
from contracts.events.order_requested import (
    Assign,
    Cancel,
    CheckIn,
    Complete,
    Confirmations,
    ContrastScreening,
    MriScreening,
    OpeningHours,
    Release,
    SaveEquipment,
    Screen,
    Start,
)
from contracts.events.order_updated import OrderUpdated
from order_consumer import domain
from order_consumer.errors import (
    ClaimedByOther,
    HoursInvalid,
    IdentityNotVerified,
    NotCheckedIn,
    OverrideNotAllowed,
    ScreeningContradictsOrder,
    ScreeningMissing,
    ScreeningNotPassed,
    StatusForbids,
)
from tests.harness.orders import NOW, actor, order_created

RADIOLOGIST = actor(Role.RADIOLOGIST, str(uuid4()), "Dr. Ruth Adams")
LEASE = timedelta(minutes=15)
NO_IMPLANT = MriScreening(
    pacemaker=False,
    metallic_implants=False,
    cochlear_implants=False,
    aneurysm_clips=False,
    claustrophobia=False,
)


def an_order(status: OrderStatus = OrderStatus.SCHEDULED, **details: Any) -> OrderUpdated:
    created = order_created(**details).data
    order = domain.accept_order(created, "IMG-20261125-ABCDE", NOW)
    return order.model_copy(update={"status": status})


def decide(order: OrderUpdated, request: Any, by: Any = None) -> OrderUpdated:
    return domain.decide(request, order, by or actor(), NOW)


@pytest.mark.parametrize("status", OrderStatus)
def test_cancelling_makes_sense_before_images_only(status: OrderStatus) -> None:
    order = an_order(status)

    if status in (OrderStatus.SCHEDULED, OrderStatus.IN_PROGRESS):
        cancelled = decide(order, Cancel(reason="not needed"))
        assert cancelled.status is OrderStatus.CANCELLED
        assert cancelled.history[-1].reason == "not needed"
    else:
        with pytest.raises(StatusForbids):
            decide(order, Cancel(reason="not needed"))


@pytest.mark.parametrize("status", set(OrderStatus) - {OrderStatus.SCHEDULED})
def test_exam_starts_from_scheduled_only(status: OrderStatus) -> None:
    with pytest.raises(StatusForbids):
        decide(an_order(status), Start())


def test_nobody_is_checked_in_without_two_identifiers() -> None:
    with pytest.raises(IdentityNotVerified):
        decide(an_order(), CheckIn(identity_verified=False))


def test_exam_needs_the_patient_to_be_checked_in() -> None:
    with pytest.raises(NotCheckedIn):
        decide(an_order(), Start())


def checked_in(**details: Any) -> OrderUpdated:
    return decide(an_order(**details), CheckIn(identity_verified=True))


@pytest.mark.parametrize(
    "implant", ["pacemaker", "metallic_implants", "cochlear_implants", "aneurysm_clips"]
)
def test_each_contraindication_keeps_a_patient_out_of_the_magnet(implant: str) -> None:
    order = checked_in(modality=Modality.MRI)
    answers = NO_IMPLANT.model_copy(update={implant: True})

    screened = decide(order, Screen(mri=answers))

    with pytest.raises(ScreeningNotPassed):
        decide(screened, Start())


def test_name_that_a_technologist_types_clears_no_implant() -> None:
    answers = NO_IMPLANT.model_copy(
        update={"metallic_implants": True, "implants_cleared_by": "Dr. Baker"}
    )

    screened = decide(checked_in(modality=Modality.MRI), Screen(mri=answers))

    with pytest.raises(ScreeningNotPassed, match=r"Metallic implants. A radiologist has to decide"):
        decide(screened, Start())


@pytest.mark.parametrize("role", [Role.RADIOLOGIST, Role.RADIOLOGY_MANAGER])
def test_radiologist_decides_over_the_answers_that_stand(role: Role) -> None:
    """Nobody answers twice; who answered and who decided are both kept."""
    reader = actor(role, str(uuid4()))
    cole = actor()
    answers = NO_IMPLANT.model_copy(update={"pacemaker": True})
    screened = decide(checked_in(modality=Modality.MRI), Screen(mri=answers), cole)

    decided = decide(screened, Screen(override_reason="MR conditional, 1.5 T"), reader)

    assert decided.screening is not None
    assert decided.screening.mri == answers
    assert decided.screening.concerns == ("Pacemaker",)
    assert decided.screening.screened_by == cole
    assert decided.screening.overridden_by == reader
    assert decided.screening.overridden_at == NOW
    assert decide(decided, Start()).status is OrderStatus.IN_PROGRESS


def test_decision_ends_with_the_answers_that_it_was_about() -> None:
    answers = NO_IMPLANT.model_copy(update={"pacemaker": True})
    screened = decide(checked_in(modality=Modality.MRI), Screen(mri=answers))
    decided = decide(screened, Screen(override_reason="MR conditional, 1.5 T"), RADIOLOGIST)

    again = decide(
        decided, Screen(mri=answers.model_copy(update={"aneurysm_clips": True})), actor()
    )

    assert again.screening is not None
    assert again.screening.overridden_by is None
    with pytest.raises(ScreeningNotPassed):
        decide(again, Start())


def test_decision_needs_answers_to_decide_over() -> None:
    with pytest.raises(ScreeningMissing):
        decide(
            checked_in(modality=Modality.MRI),
            Screen(override_reason="Known patient"),
            RADIOLOGIST,
        )


@pytest.mark.parametrize(("measure", "passed"), [("", False), ("Sedation", True)])
def test_claustrophobia_needs_a_measure(measure: str, passed: bool) -> None:
    answers = NO_IMPLANT.model_copy(
        update={"claustrophobia": True, "claustrophobia_measure": measure}
    )

    screened = decide(checked_in(modality=Modality.MRI), Screen(mri=answers))

    assert screened.screening is not None
    assert screened.screening.passed is passed


@pytest.mark.parametrize(
    ("answers", "concerns"),
    [
        ({"allergy_to_contrast": False, "egfr_ml_per_min": 80}, 0),
        ({"allergy_to_contrast": True, "egfr_ml_per_min": 80}, 1),
        ({"allergy_to_contrast": True, "premedicated": True, "egfr_ml_per_min": 80}, 0),
        ({"allergy_to_contrast": False, "egfr_ml_per_min": 29.9}, 1),
        ({"allergy_to_contrast": False, "creatinine_mg_per_dl": 2.1}, 1),
        ({"allergy_to_contrast": False, "creatinine_mg_per_dl": 0.9}, 0),
        ({"allergy_to_contrast": False}, 1),
    ],
)
def test_contrast_is_given_when_kidneys_and_allergy_allow(
    answers: dict[str, Any], concerns: int
) -> None:
    order = checked_in(contrast_required=True, contrast_type=ContrastType.IODINE)

    screened = decide(order, Screen(contrast=ContrastScreening(**answers)))

    assert screened.screening is not None
    assert len(screened.screening.concerns) == concerns
    assert screened.screening.passed is (concerns == 0)
    assert screened.details.contrast_allergy_checked


def test_every_required_question_must_be_answered() -> None:
    order = checked_in(modality=Modality.MRI, contrast_required=True)

    with pytest.raises(ScreeningMissing, match="contrast"):
        decide(order, Screen(mri=NO_IMPLANT))


PACED = StatedSafety(mri=StatedMri(pacemaker="yes", aneurysm_clips="no", detail="Since 2020"))


def test_answer_that_the_order_contradicts_is_refused_without_a_word_on_it() -> None:
    order = checked_in(modality=Modality.MRI, stated_safety=PACED)

    with pytest.raises(ScreeningContradictsOrder) as refusal:
        decide(order, Screen(mri=NO_IMPLANT))

    assert "pacemaker: no, the order says yes" in str(refusal.value)
    assert "Since 2020" not in str(refusal.value)


@pytest.mark.parametrize(
    "words", [Confirmations(aneurysm_clips="Herself"), Confirmations(pacemaker=" ")]
)
def test_word_on_another_question_or_an_empty_one_confirms_nothing(words: Confirmations) -> None:
    order = checked_in(modality=Modality.MRI, stated_safety=PACED)

    with pytest.raises(ScreeningContradictsOrder):
        decide(order, Screen(mri=NO_IMPLANT, confirmations=words))


def test_word_on_a_contradicted_answer_stays_with_it_and_no_other_does() -> None:
    order = checked_in(modality=Modality.MRI, stated_safety=PACED)
    words = Confirmations(pacemaker="Taken out in 2024, says Dr. Smith", claustrophobia="Herself")

    screened = decide(order, Screen(mri=NO_IMPLANT, confirmations=words))

    assert screened.screening is not None
    assert screened.screening.confirmations == Confirmations(
        pacemaker="Taken out in 2024, says Dr. Smith"
    )
    assert decide(screened, Start()).status is OrderStatus.IN_PROGRESS


def test_radiologist_who_answers_owes_the_word_as_well() -> None:
    """To override a concern is a decision; to contradict the orderer is a question of fact."""
    order = checked_in(modality=Modality.MRI, stated_safety=PACED)

    with pytest.raises(ScreeningContradictsOrder):
        decide(order, Screen(mri=NO_IMPLANT, override_reason="Known patient"), RADIOLOGIST)


def test_decision_over_answers_keeps_the_words_on_them() -> None:
    order = checked_in(
        contrast_required=True,
        stated_safety=StatedSafety(contrast=StatedContrast(allergy_to_contrast="no")),
    )
    answers = ContrastScreening(allergy_to_contrast=True, egfr_ml_per_min=80)
    words = Confirmations(allergy_to_contrast="Rash last week, patient")
    screened = decide(order, Screen(contrast=answers, confirmations=words))

    decided = decide(screened, Screen(override_reason="Mild"), RADIOLOGIST)

    assert decided.screening is not None
    assert decided.screening.confirmations == words


def test_order_that_says_nothing_needs_no_word() -> None:
    screened = decide(checked_in(modality=Modality.MRI), Screen(mri=NO_IMPLANT))

    assert screened.screening is not None
    assert screened.screening.confirmations is None


def test_only_a_radiologist_overrides_the_screening() -> None:
    answers = NO_IMPLANT.model_copy(update={"pacemaker": True})
    request = Screen(mri=answers, override_reason="MR conditional device, programmed")
    order = checked_in(modality=Modality.MRI)

    with pytest.raises(OverrideNotAllowed):
        decide(order, request)
    overridden = decide(order, request, RADIOLOGIST)

    assert decide(overridden, Start()).status is OrderStatus.IN_PROGRESS


def images(order: OrderUpdated, instances: int = 3, complete: bool = False) -> OrderUpdated | None:
    return domain.receive_images(
        order,
        study_instance_uids=("1.2.3",),
        instances=instances,
        all_complete=complete,
        now=NOW,
    )


@pytest.mark.parametrize("status", [OrderStatus.SCHEDULED, OrderStatus.IN_PROGRESS])
def test_first_image_makes_images_available(status: OrderStatus) -> None:
    order = images(an_order(status))

    assert order is not None
    assert order.status is OrderStatus.IMAGES_AVAILABLE
    assert order.ready_for_read_at is None
    assert order.due_at is None


def test_order_is_ready_for_read_when_the_study_is_complete() -> None:
    order = images(an_order(OrderStatus.IN_PROGRESS), complete=True)

    assert order is not None
    assert order.ready_for_read_at == NOW
    assert order.due_at == NOW + domain.TURNAROUND[Priority.ROUTINE]


class TestImagesThatComeWhenTheOrderIsReady:
    """Nobody said that the exam was over; nothing had come for a while."""

    def ready(self) -> OrderUpdated:
        order = images(an_order(OrderStatus.IN_PROGRESS), complete=True)
        assert order is not None
        return order

    def test_stop_the_clock_which_starts_anew_with_the_last_of_them(self) -> None:
        arriving = images(self.ready(), instances=4)
        assert arriving is not None
        later = domain.receive_images(
            arriving,
            study_instance_uids=("1.2.3",),
            instances=4,
            all_complete=True,
            now=NOW + timedelta(minutes=9),
        )

        assert (arriving.ready_for_read_at, arriving.due_at) == (None, None)
        assert later is not None
        assert later.ready_for_read_at == NOW + timedelta(minutes=9)

    def test_take_no_case_from_who_reads_it(self) -> None:
        read = domain.claim_reading(self.ready(), RADIOLOGIST, NOW, LEASE)

        arriving = images(read, instances=4)

        assert arriving is not None
        assert arriving.ready_for_read_at == NOW

    def test_are_late_after_the_technologists_word(self) -> None:
        completed = decide(self.ready(), Complete())

        arriving = images(completed, instances=4)

        assert arriving is not None
        assert arriving.ready_for_read_at == NOW


def test_case_with_a_draft_becomes_ready_too() -> None:
    """A radiologist may begin while images arrive."""
    arriving = images(an_order(OrderStatus.IN_PROGRESS))
    assert arriving is not None
    drafted = arriving.model_copy(update={"status": OrderStatus.PRELIMINARY_REPORT})

    complete = images(drafted, complete=True)

    assert complete is not None
    assert complete.ready_for_read_at == NOW


def test_technologists_word_waits_for_the_images_that_were_announced() -> None:
    order = decide(an_order(OrderStatus.IN_PROGRESS), Complete(expected_instances=10))

    fewer = images(order, instances=9)
    assert fewer is not None
    assert fewer.ready_for_read_at is None
    all_there = images(fewer, instances=10)
    assert all_there is not None
    assert all_there.ready_for_read_at == NOW


def test_same_images_again_change_nothing() -> None:
    order = images(an_order(OrderStatus.IN_PROGRESS), complete=True)

    assert order is not None
    assert images(order, complete=True) is None


def test_version_grows_by_one_with_each_event() -> None:
    order = an_order(OrderStatus.IN_PROGRESS)

    changed = images(order, complete=True)

    assert changed is not None
    assert changed.version == order.version + 1


def test_late_images_do_not_revive_a_cancelled_order() -> None:
    order = images(decide(an_order(), Cancel(reason="x")))

    assert order is not None
    assert order.status is OrderStatus.CANCELLED
    assert order.received_instances == 3


def test_order_waits_again_when_its_images_belong_elsewhere() -> None:
    order = images(an_order(OrderStatus.SCHEDULED))
    assert order is not None

    back = domain.receive_images(
        order, study_instance_uids=(), instances=0, all_complete=False, now=NOW
    )

    assert back is not None
    assert back.status is OrderStatus.SCHEDULED
    assert back.study_instance_uids == ()


def test_one_reader_at_a_time_until_the_lease_runs_out() -> None:
    order = an_order(OrderStatus.IMAGES_AVAILABLE)
    claimed = domain.claim_reading(order, RADIOLOGIST, NOW, LEASE)
    other = actor(Role.RADIOLOGIST)

    with pytest.raises(ClaimedByOther, match="Ruth Adams"):
        domain.claim_reading(claimed, other, NOW + LEASE - timedelta(seconds=1), LEASE)
    taken_over = domain.claim_reading(claimed, other, NOW + LEASE, LEASE)

    assert taken_over.claim is not None
    assert str(taken_over.claim.radiologist_id) == other.id


def test_own_claim_is_prolonged() -> None:
    order = domain.claim_reading(an_order(OrderStatus.IMAGES_AVAILABLE), RADIOLOGIST, NOW, LEASE)

    again = domain.claim_reading(order, RADIOLOGIST, NOW + LEASE / 2, LEASE)

    assert again.claim is not None
    assert again.claim.claimed_at == NOW
    assert again.claim.expires_at == NOW + LEASE * 1.5


def test_silent_claim_expires() -> None:
    order = domain.claim_reading(an_order(OrderStatus.IMAGES_AVAILABLE), RADIOLOGIST, NOW, LEASE)

    assert domain.expire_claim(order, NOW) is None
    expired = domain.expire_claim(order, NOW + LEASE)

    assert expired is not None
    assert expired.claim is None


def test_claim_is_given_back_by_its_reader_or_a_manager() -> None:
    order = domain.claim_reading(an_order(OrderStatus.IMAGES_AVAILABLE), RADIOLOGIST, NOW, LEASE)

    with pytest.raises(ClaimedByOther):
        decide(order, Release(), actor(Role.RADIOLOGIST))
    assert decide(order, Release(), RADIOLOGIST).claim is None
    assert decide(order, Release(), actor(Role.RADIOLOGY_MANAGER)).claim is None


def test_assignment_can_be_taken_back() -> None:
    order = decide(an_order(), Assign(radiologist_id=uuid4(), radiologist_name="Dr. Adams"))

    assert decide(order, Assign(radiologist_id=None)).assigned_radiologist_name == ""


def test_order_number_fits_an_accession_number() -> None:
    """SH holds 16 characters (PS3.5 section 6.2); a longer one would be cut by scanners."""
    numbers = {domain.order_number(uuid4(), NOW, ZoneInfo("UTC"), attempt) for attempt in range(8)}

    assert all(len(number.removeprefix("IMG-")) <= 16 for number in numbers)
    assert all(number.startswith("IMG-20261125-") for number in numbers)


@pytest.mark.parametrize(
    "hours",
    [
        [("08:00", "08:00")],
        [("12:00", "08:00")],
        [("08:00", "12:00"), ("11:00", "15:00")],
    ],
)
def test_opening_hours_must_make_sense(hours: list[tuple[str, str]]) -> None:
    request = SaveEquipment(
        name="CT 1",
        room="1",
        modality=Modality.CT,
        opening_hours=tuple(
            OpeningHours.model_validate({"weekday": 0, "opens": a, "closes": b}) for a, b in hours
        ),
    )

    with pytest.raises(HoursInvalid):
        domain.save_equipment(None, uuid4(), request, NOW)
