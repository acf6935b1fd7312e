"""The SMTP side: each mail is treated as the script says when its first recipient is named."""

import asyncio
from weakref import WeakKeyDictionary

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.standins.mail.behaviour import Outcome, Rule
from deploy.standins.mail.mailbox import Mailbox
from deploy.standins.script import Script

_ANSWERS = {
    Outcome.REJECT: "550 5.1.1 No such mailbox here",
    Outcome.REJECT_TEXT: "554 5.7.1 Message refused",
    Outcome.DEFER: "451 4.3.0 Try again later",
    Outcome.DEFER_TEXT: "451 4.3.0 Try again later",
}
_WHEN_NAMED = frozenset({Outcome.REJECT, Outcome.DEFER})
_AFTER_TEXT = frozenset({Outcome.REJECT_TEXT, Outcome.DEFER_TEXT})
_NORMAL = Rule(outcome=Outcome.NORMAL)

_logger = structlog.get_logger(__name__)


class Desk:
    """Takes mail; aiosmtpd calls its methods by name."""

    def __init__(self, mailbox: Mailbox, script: Script[Rule]) -> None:
        self._mailbox, self._script = mailbox, script
        self._rules: WeakKeyDictionary[Envelope, Rule] = WeakKeyDictionary()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Answer the naming of a recipient."""
        rule = self._script.take("mail", address) or _NORMAL
        if rule.outcome is Outcome.HANG:
            await asyncio.sleep(rule.seconds)
            return _ANSWERS[Outcome.DEFER]
        if rule.outcome in _WHEN_NAMED:
            return _ANSWERS[rule.outcome]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        self._rules[envelope] = rule
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer the text: 250 only when it is kept."""
        rule = self._rules.pop(envelope, _NORMAL)
        if rule.outcome in _AFTER_TEXT:
            return _ANSWERS[rule.outcome]
        await self._mailbox.keep(
            envelope.original_content or b"",
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
        )
        _logger.info("mail_kept")
        if rule.outcome is Outcome.HANG_TEXT:
            await asyncio.sleep(rule.seconds)
        if rule.outcome is Outcome.LOST_RESPONSE and server.transport is not None:
            server.transport.close()
            # The lost connection cancels this call, so that no answer is written.
            await asyncio.Event().wait()
        return "250 OK"
