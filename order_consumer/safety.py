"""The safety screening before an exam: which questions an order needs, and what the answers mean.

Two people answer: whoever orders, and the technologist before the exam. Where they contradict each
other, one of them is wrong about what harms the patient: somebody says which.

After the ACR Manual on Contrast Media and the ACR Manual on MR Safety; thresholds are those at
which a radiologist has to be asked, not a treatment.
"""

from contracts.enumerations import ContrastType, Modality
from contracts.events.order_created import (
    Answer,
    OrderDetails,
    StatedContrast,
    StatedMri,
    StatedSafety,
)
from contracts.events.order_requested import ContrastScreening, MriScreening, Screen

LOW_EGFR = 30.0
"""mL/min/1.73 m2: below it both iodinated and gadolinium contrast need a decision."""
HIGH_CREATININE = 2.0
"""mg/dL, where no eGFR is known."""
MUCH = 1.5
"""A rise of half is an acute injury of the kidneys (KDIGO 2012); less is a laboratory's scatter."""

MRI_QUESTIONS = {
    "pacemaker": "Pacemaker",
    "metallic_implants": "Metallic implants",
    "cochlear_implants": "Cochlear implants",
    "aneurysm_clips": "Aneurysm clips",
    "claustrophobia": "Claustrophobia",
}
"""Asked by the orderer and by the technologist: the field of both, and its words."""


def required_screenings(details: OrderDetails) -> tuple[str, ...]:
    """Return which of 'contrast' and 'mri' must be answered before the exam starts."""
    needed = []
    if details.contrast_required:
        needed.append("contrast")
    if details.modality is Modality.MRI:
        needed.append("mri")
    return tuple(needed)


def contrast_concerns(answers: ContrastScreening, details: OrderDetails) -> list[str]:
    """Return the reasons for which contrast must not be given without a decision."""
    concerns = []
    if answers.allergy_to_contrast and not answers.premedicated:
        concerns.append("Allergy to contrast medium without premedication")
    if details.contrast_type is not ContrastType.ORAL:
        concerns += _kidney_concerns(answers)
    return concerns


def _kidney_concerns(answers: ContrastScreening) -> list[str]:
    if answers.egfr_ml_per_min is not None:
        low = answers.egfr_ml_per_min < LOW_EGFR
        return [f"eGFR below {LOW_EGFR:.0f} mL/min"] if low else []
    if answers.creatinine_mg_per_dl is None:
        return ["Neither creatinine nor eGFR is known"]
    high = answers.creatinine_mg_per_dl > HIGH_CREATININE
    return [f"Creatinine above {HIGH_CREATININE:.1f} mg/dL"] if high else []


def mri_concerns(answers: MriScreening) -> list[str]:
    """Return the reasons for which this person must not enter the magnet without a decision."""
    implants = [
        name
        for field, name in MRI_QUESTIONS.items()
        if field != "claustrophobia" and getattr(answers, field)
    ]
    if answers.claustrophobia and not answers.claustrophobia_measure:
        return [*implants, "Claustrophobia without a measure"]
    return implants


def contradictions(answers: Screen, stated: StatedSafety | None) -> dict[str, str]:
    """Return the answers that the order contradicts: by question, both in words.

    What the orderer was not asked, or does not know, contradicts nothing. The words hold no free
    text: they go into a refusal.
    """
    found: dict[str, str] = {}
    if stated and answers.contrast and stated.contrast:
        found |= _contrast_contradictions(answers.contrast, stated.contrast)
    if stated and answers.mri and stated.mri:
        found |= _mri_contradictions(answers.mri, stated.mri)
    return found


def _contrast_contradictions(answers: ContrastScreening, stated: StatedContrast) -> dict[str, str]:
    found: dict[str, str] = {}
    if _contradict(stated.allergy_to_contrast, answers.allergy_to_contrast):
        found["allergy_to_contrast"] = _words(
            "allergy to contrast medium", answers.allergy_to_contrast
        )
    before, now = stated.creatinine_mg_per_dl, answers.creatinine_mg_per_dl
    egfr = answers.egfr_ml_per_min
    if before and now and _differ_much(before, now):
        found["creatinine_mg_per_dl"] = (
            f"creatinine: {now:g} mg/dL, the order says {before:g} mg/dL"
        )
    if before and before > HIGH_CREATININE and egfr is not None and egfr >= LOW_EGFR:
        found["egfr_ml_per_min"] = (
            f"eGFR: {egfr:g} mL/min, the order says creatinine {before:g} mg/dL"
        )
    return found


def _mri_contradictions(answers: MriScreening, stated: StatedMri) -> dict[str, str]:
    return {
        field: _words(name.lower(), getattr(answers, field))
        for field, name in MRI_QUESTIONS.items()
        if _contradict(getattr(stated, field), getattr(answers, field))
    }


def _contradict(stated: Answer | None, answered: bool) -> bool:
    return stated == ("no" if answered else "yes")


def _words(question: str, answered: bool) -> str:
    answer, said = ("yes", "no") if answered else ("no", "yes")
    return f"{question}: {answer}, the order says {said}"


def _differ_much(before: float, now: float) -> bool:
    low, high = sorted((before, now))
    return high >= MUCH * low or low <= HIGH_CREATININE < high
