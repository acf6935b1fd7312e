"""Call-backs of the telephone company; each is refused without its signature.

What must stay true: the signed address is built from our settings, never from the request's own
Host header, and no answer names a patient.
"""

from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.responses import Response

from contracts.links import INBOUND_SMS_PATH, STATUS_PATH, VOICE_PATH, voice_url
from gateway.access import Public
from gateway.callbacks import pass_on_receipt, press_key, reply_by_sms
from gateway.context import TheGateway
from gateway.errors import SignatureInvalid
from gateway.routes.router import new_router
from services.twiml import key_script, no_reply, sms_reply, voice_script

router = new_router("telephony", prefix="")

_MAX_FIELDS = 60


class Signed(Public):
    """Dependency: the form, once its signature is right."""

    async def __call__(  # type: ignore[override]  # FastAPI reads the parameters it finds
        self, request: Request, gateway: TheGateway
    ) -> dict[str, str]:
        """Check the signature over address and form."""
        form = await request.form(max_files=0, max_fields=_MAX_FIELDS)
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        url = gateway.settings.telephony.callback_url + request.url.path
        if request.url.query:
            url = f"{url}?{request.url.query}"
        signature = request.headers.get("x-twilio-signature")
        if not gateway.telephony.valid_signature(url, values, signature):
            raise SignatureInvalid
        return values


Form = Annotated[dict[str, str], Depends(Signed("the provider's signature proves who calls"))]
Token = Annotated[str, Path(min_length=8, max_length=512)]


@router.post(VOICE_PATH, operation_id="answerCall", include_in_schema=False)
async def answer_call(token: Token, form: Form, gateway: TheGateway) -> Response:
    """Say what the call is about, or take the key that was pressed."""
    action_url = voice_url(gateway.settings.telephony.callback_url, token)
    hospital = gateway.settings.hospital.name
    if digits := form.get("Digits", "")[:16]:
        status, sentence = await press_key(gateway.writes, token, digits)
        if status == 422:
            return _xml(key_script(sentence, action_url=action_url, hospital=hospital))
        return _xml(key_script(sentence))
    # Whether a person or a voicemail listens must be known before a key can count.
    await pass_on_receipt(gateway.writes, form)
    script = voice_script(
        action_url=action_url, hospital=hospital, answered_by=form.get("AnsweredBy", "")
    )
    return _xml(script)


@router.post(STATUS_PATH, operation_id="takeReceipt", include_in_schema=False, status_code=204)
async def take_receipt(form: Form, gateway: TheGateway) -> None:
    """Take a receipt of a message or a call."""
    await pass_on_receipt(gateway.writes, form)


@router.post(INBOUND_SMS_PATH, operation_id="takeSms", include_in_schema=False)
async def take_sms(form: Form, gateway: TheGateway) -> Response:
    """Take a reply by SMS, and answer it."""
    if not form.get("MessageSid"):
        return _xml(no_reply())
    _, sentence = await reply_by_sms(gateway.writes, form)
    return _xml(sms_reply(sentence))


def _xml(document: str) -> Response:
    return Response(document, media_type="application/xml")
