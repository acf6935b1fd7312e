"""The page: a form for a new order, the orders, the call-backs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Response
from pydantic import BaseModel, Field

from contracts.enumerations import Priority, Role
from contracts.people import Patient
from deploy.demo.people import Person, load_people
from deploy.standins.faults import Fault
from deploy.standins.web import back_to, page
from deploy.standins.workflow.choices import EXAMS, load_patients, spoken
from deploy.standins.workflow.orders import RadiologyItem, UnifiedOrderRequest, Via
from deploy.standins.workflow.routes import CALLBACKS, Workflow

_SHOWN = 50


class OrderForm(BaseModel):
    """What is filled in for a new order."""

    patient: UUID
    orderer: UUID
    exam: int = Field(ge=0, lt=len(EXAMS))
    indication: str = Field(min_length=1, max_length=2000)
    priority: Priority
    via: Via

    def request(self, patient: Patient, orderer: Person) -> UnifiedOrderRequest:
        """Return the order, with the exam as its only item."""
        chosen = EXAMS[self.exam]
        item = RadiologyItem(
            item_type="RADIOLOGY",
            modality=chosen.modality,
            study_type=chosen.study_type,
            body_part=chosen.body_part,
            clinical_indication=self.indication,
            contrast_required=chosen.contrast is not None,
            contrast_type=chosen.contrast,
        )
        return UnifiedOrderRequest(
            patient=patient,
            ordering_provider_id=orderer.id,
            ordering_provider_name=orderer.name,
            priority=self.priority,
            items=(item,),
        )


def page_routes(workflow: Workflow) -> APIRouter:
    """Return the page and its forms."""
    routes = APIRouter()
    people = load_people(workflow.settings.people_file)
    orderers = {p.id: p for p in people.people if Role.PROVIDER in p.roles}
    patients = {patient.id: patient for patient in load_patients()}

    @routes.get("/")
    async def home() -> Response:
        return page(
            "workflow/home.html",
            settings=workflow.settings,
            orders=workflow.store.orders.all()[: -_SHOWN - 1 : -1],
            callbacks=workflow.store.callbacks.all()[: -_SHOWN - 1 : -1],
            faults=workflow.faults.waiting().get(CALLBACKS, 0),
            patients=patients.values(),
            orderers=orderers.values(),
            exams=EXAMS,
            priorities=list(Priority),
            spoken=spoken,
        )

    @routes.post("/orders")
    async def place_order(form: Annotated[OrderForm, Form()]) -> Response:
        if form.patient not in patients or form.orderer not in orderers:
            raise HTTPException(422, "Nobody of this id is on the form.")
        request = form.request(patients[form.patient], orderers[form.orderer])
        await workflow.place(request, via=form.via)
        return back_to("/")

    @routes.post("/faults")
    async def order_fault(kind: Annotated[str, Form(pattern="^(refuse|hang)$")]) -> Response:
        hang = {"status": None, "hang_seconds": 30.0}
        more = hang if kind == "hang" else {"status": 500, "times": 3}
        workflow.faults.order(Fault.model_validate({"endpoint": CALLBACKS} | more))
        return back_to("/")

    return routes
