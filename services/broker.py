"""FastStream's broker as the workers use it.

Every default that loses data is turned: acknowledged after handling, `acks=all`, idempotent, no
topic by accident.
"""

from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from services.kafka import KafkaSettings


def build_broker(settings: KafkaSettings, client_id: str) -> KafkaBroker:
    """Return a FastStream broker that acknowledges only what was handled."""
    return KafkaBroker(
        settings.bootstrap_servers,
        security=_security(settings),
        client_id=client_id,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        graceful_timeout=10.0,
        logger=None,
        apply_types=False,
        parser=_parse_any_header,
    )


async def _parse_any_header(message: Any, parse: Any) -> Any:
    """Keep FastStream from choking on a header that is null or not UTF-8: it would skip the record.

    The record itself stays as it is: what is set aside must be byte for byte what came.
    """
    records = message if isinstance(message, tuple) else (message,)
    readable = tuple(_ReadableRecord(record) for record in records)
    parsed = await parse(readable if isinstance(message, tuple) else readable[0])
    parsed.raw_message = message
    return parsed


class _ReadableRecord:
    """A record whose header values FastStream can decode."""

    def __init__(self, record: Any) -> None:
        self._record = record
        self.headers = tuple(
            (name, (value or b"").decode("utf-8", "replace").encode())
            for name, value in record.headers
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)


def _security(settings: KafkaSettings) -> BaseSecurity | None:
    context = settings.ssl_context()
    use_ssl = context is not None
    if "SASL" not in settings.security_protocol:
        return BaseSecurity(ssl_context=context, use_ssl=use_ssl) if use_ssl else None
    kind = {
        "PLAIN": SASLPlaintext,
        "SCRAM-SHA-256": SASLScram256,
        "SCRAM-SHA-512": SASLScram512,
    }[settings.sasl_mechanism]
    return kind(
        username=settings.sasl_username,
        password=settings.sasl_password.get_secret_value(),
        ssl_context=context,
        use_ssl=use_ssl,
    )
