"""Demo studies with real images, for any order, patient and date.

    sources = open_sources(cache_folder)
    paths = build_study(StudyKind.CT_CHEST, sources=sources, patient=..., folder=...)

The chest CTs and brain MRs are real scans (pyradiomics, BSD-3-Clause), the X-rays are projections
of the CTs, the ultrasound clip ships with pydicom. Without a package registry a phantom takes the
place of the scans, and the log says so.
"""

from deploy.demo.images.instances import ImagedPatient
from deploy.demo.images.sources import Sources, open_sources
from deploy.demo.images.studies import PLANS, StudyKind, StudyPlan, build_study

__all__ = [
    "PLANS",
    "ImagedPatient",
    "Sources",
    "StudyKind",
    "StudyPlan",
    "build_study",
    "open_sources",
]
