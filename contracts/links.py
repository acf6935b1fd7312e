"""Paths that people and the telephone company are sent to: made by alert_worker, served by gateway.

A token is all that such an address carries. It names nobody, and says nothing to who cannot look
it up.
"""

ACKNOWLEDGE_PATH = "/acknowledge/{token}"
"""In SMS and e-mail. GET shows a page with a button, POST acknowledges: link scanners only GET."""

VOICE_PATH = "/api/radiology/telephony/voice/{token}"
"""A call that is answered asks here what to say, and posts here which keys were pressed."""

STATUS_PATH = "/api/radiology/telephony/status"
"""Receipts of messages and calls."""

INBOUND_SMS_PATH = "/api/radiology/telephony/sms"
"""Replies by SMS."""


def acknowledge_url(base: str, token: str) -> str:
    """Return the link of an SMS or e-mail."""
    return base.rstrip("/") + ACKNOWLEDGE_PATH.format(token=token)


def voice_url(base: str, token: str) -> str:
    """Return where a call asks what to say."""
    return base.rstrip("/") + VOICE_PATH.format(token=token)


def status_url(base: str) -> str:
    """Return where receipts go."""
    return base.rstrip("/") + STATUS_PATH
