"""Wrong settings stop the start with a sentence that names the variable."""

import pytest

from report_consumer.settings import ReportConsumerSettings
from services.settings import read_settings

GOOD = {
    "REPORT_CONSUMER_DATABASE_URL": "postgresql://role:password@127.0.0.1/radiology",
    "REPORT_CONSUMER_HEALTH_PORT": "3023",
    "REPORT_CONSUMER_SIGNING_KEY_FILE": "signing.pem",
    "MINIO_ACCESS_KEY": "key",
    "MINIO_SECRET_KEY": "secret",
}


def read(monkeypatch: pytest.MonkeyPatch, **changes: str) -> ReportConsumerSettings:
    for name, value in (GOOD | changes).items():
        monkeypatch.setenv(name, value)
    return read_settings(ReportConsumerSettings)


def test_good_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch).workflow_webhook_url is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL", "file:///etc/passwd"),
        ("REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL", "workflow"),
        ("REPORT_CONSUMER_HEALTH_PORT", "0"),
    ],
)
def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    with pytest.raises(SystemExit, match=variable):
        read(monkeypatch, **{variable: value})


def test_call_backs_are_not_sent_without_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET"):
        read(monkeypatch, REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL="http://127.0.0.1:3004/x")


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        REPORT_CONSUMER_WORKFLOW_WEBHOOK_URL="http://127.0.0.1:3004/x",
        REPORT_CONSUMER_WORKFLOW_WEBHOOK_SECRET="do-not-show-this-secret",
    )

    assert "do-not-show" not in repr(settings)
