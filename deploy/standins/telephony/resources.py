"""Messages and calls as Twilio's JSON, and its lists: filters and pages."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from deploy.standins.telephony.provider import API_VERSION
from deploy.standins.telephony.records import Call, Message

DEFAULT_PAGE_SIZE = 50
MOST_PAGE_SIZE = 1000

_ERROR_MESSAGES = {
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}

Item = TypeVar("Item")


def message_json(account_sid: str, message: Message) -> dict[str, Any]:
    """Return the Message resource."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _rfc2822(message.created_at),
        "date_sent": _rfc2822(message.sent_at),
        "date_updated": _rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": _ERROR_MESSAGES.get(message.error_code or 0),
        "from": message.sender,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(-(-len(message.body) // 153)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "tags": None,
        "to": message.to,
        "uri": f"{uri}.json",
    }


def call_json(account_sid: str, call: Call) -> dict[str, Any]:
    """Return the Call resource."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    duration = call.duration_seconds
    return {
        "account_sid": account_sid,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "caller_name": None,
        "date_created": _rfc2822(call.created_at),
        "date_updated": _rfc2822(call.updated_at),
        "direction": "outbound-api",
        "duration": None if duration is None else str(duration),
        "end_time": _rfc2822(call.ended_at),
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": _rfc2822(call.started_at),
        "status": call.status,
        "subresource_uris": {"events": f"{uri}/Events.json"},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def fits(moment: datetime | None, query: Mapping[str, str], name: str) -> bool:
    """Return whether a time passes `Name`, `Name<` and `Name>`; both bounds belong to the range.

    A filter on a time that the resource does not have yet leaves the resource out, as at Twilio.
    """
    bounds = {sign: query[name + sign] for sign in ("", "<", ">") if query.get(name + sign)}
    if not bounds:
        return True
    if moment is None:
        return False
    second = moment.replace(microsecond=0)
    return all(_passes(second, sign, value) for sign, value in bounds.items())


def _passes(moment: datetime, sign: str, value: str) -> bool:
    first, last = _span(value)
    if sign == "<":
        return moment <= last
    if sign == ">":
        return moment >= first
    return first <= moment <= last


def _span(value: str) -> tuple[datetime, datetime]:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        day = date.fromisoformat(value)
        first = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return first, first + timedelta(days=1, seconds=-1)
    moment = datetime.fromisoformat(value)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment


def page_of(
    items: Sequence[Item],
    render: Callable[[Item], dict[str, Any]],
    *,
    key: str,
    path: str,
    query: Mapping[str, str],
) -> dict[str, Any]:
    """Return one page of a list with the addresses of its neighbours."""
    size = min(MOST_PAGE_SIZE, max(1, int(query.get("PageSize") or DEFAULT_PAGE_SIZE)))
    number = max(0, int(query.get("Page") or 0))
    start = number * size
    shown = items[start : start + size]

    def address(page: int) -> str:
        filters = {k: v for k, v in query.items() if k not in ("Page", "PageSize", "PageToken")}
        return f"{path}?{urlencode(filters | {'PageSize': str(size), 'Page': str(page)})}"

    return {
        key: [render(item) for item in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(shown) - 1),
        "uri": address(number),
        "first_page_uri": address(0),
        "previous_page_uri": address(number - 1) if number else None,
        "next_page_uri": address(number + 1) if start + size < len(items) else None,
    }


def _rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None
