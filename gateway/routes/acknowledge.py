"""The page behind the link of an SMS or e-mail: GET shows it, POST acknowledges.

What must stay true: link scanners only GET, so a GET changes nothing; and the page says nothing of
the finding or the patient, since a link may be forwarded.
"""

import secrets
from html import escape
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import HTMLResponse

from contracts.links import ACKNOWLEDGE_PATH
from gateway.access import check_origin, public
from gateway.callbacks import confirm_by_link
from gateway.context import TheGateway
from gateway.pages import page
from gateway.routes.router import new_router

router = new_router("acknowledge", prefix="")

_QUESTION = """
<h1>A critical imaging finding for one of your patients</h1>
<p>By confirming you take responsibility for it. The finding itself is shown in the portal after
you have signed in.</p>
<form method="post">
<input type="hidden" name="page" value="{page}">
<label for="read-back">If you have heard the finding by phone: repeat it in your own words
(optional)</label>
<textarea id="read-back" name="readBack" rows="3" maxlength="2000"></textarea>
<p><button type="submit">I take responsibility</button></p>
</form>
"""
_REASON = "whoever was written to holds the token; alert_worker checks it"

Token = Annotated[str, Path(min_length=8, max_length=512)]


@router.get(
    ACKNOWLEDGE_PATH,
    operation_id="showAcknowledgePage",
    include_in_schema=False,
    dependencies=[public(_REASON)],
)
async def showpage(token: Token, gateway: TheGateway) -> HTMLResponse:  # noqa: ARG001 - the form posts to its own address
    """Show the question; nothing is asked or changed."""
    question = _QUESTION.format(page=secrets.token_urlsafe(12))
    return page(gateway.settings.hospital.name, question)


@router.post(
    ACKNOWLEDGE_PATH,
    operation_id="acknowledgeByLink",
    include_in_schema=False,
    dependencies=[public(_REASON)],
)
async def acknowledge(token: Token, request: Request, gateway: TheGateway) -> HTMLResponse:
    """Acknowledge, and show what came of it."""
    check_origin(request, gateway.settings)
    form = await request.form(max_files=0, max_fields=4)
    read_back = form.get("readBack", "")
    status, sentence = await confirm_by_link(
        gateway.writes, token, str(read_back)[:2000], page=str(form.get("page", ""))[:64]
    )
    heading = "Recorded" if status < 400 else "Not recorded"
    body = f"<h1>{heading}</h1><p>{escape(sentence)}</p>"
    return page(gateway.settings.hospital.name, body, status=status)
