"""The safety screening before an exam: which questions an order needs, and what the answers mean.

After the ACR Manual on Contrast Media and the ACR Manual on MR Safety; thresholds are those at
which a radiologist has to be asked, not a treatment.
"""

from contracts.enumerations import ContrastType, Modality
from contracts.events.order_created import OrderDetails
from contracts.events.order_requested import ContrastScreening, MriScreening

LOW_EGFR = 30.0
"""mL/min/1.73 m2: below it both iodinated and gadolinium contrast need a decision."""
HIGH_CREATININE = 2.0
"""mg/dL, where no eGFR is known."""


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
    found = {
        "Pacemaker": answers.pacemaker,
        "Metallic implants": answers.metallic_implants,
        "Cochlear implants": answers.cochlear_implants,
        "Aneurysm clips": answers.aneurysm_clips,
        "Claustrophobia without a measure": (
            answers.claustrophobia and not answers.claustrophobia_measure
        ),
    }
    return [name for name, present in found.items() if present]
