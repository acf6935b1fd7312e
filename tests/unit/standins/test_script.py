"""Which rule holds for a request."""

from deploy.standins.script import Script
from deploy.standins.telephony.behaviour import Channel, Outcome, Rule

SMITH, SHAH = "+12025550105", "+12025550107"


def rule(outcome: Outcome, number: str | None = None, channel: Channel = Channel.SMS) -> Rule:
    return Rule(channel=channel, number=number, outcome=outcome)


def test_a_rule_for_the_next_requests_is_used_up() -> None:
    script = Script[Rule]()
    script.order(rule(Outcome.FAILED), 2)

    taken = [script.take(Channel.SMS, SMITH) for _ in range(3)]

    assert [r.outcome if r else None for r in taken] == [Outcome.FAILED, Outcome.FAILED, None]
    assert script.waiting() == []


def test_rules_wait_for_their_number_and_their_channel() -> None:
    script = Script[Rule]()
    script.order(rule(Outcome.FAILED, SHAH), 1)

    assert script.take(Channel.SMS, SMITH) is None
    assert script.take(Channel.CALL, SHAH) is None
    assert script.take(Channel.SMS, SHAH) is not None


def test_the_next_request_goes_before_the_standing_rule_and_that_before_the_one_for_all() -> None:
    script = Script[Rule]()
    script.set_standing(rule(Outcome.UNDELIVERED))
    script.set_standing(rule(Outcome.FAILED, SMITH))
    script.order(rule(Outcome.RATE_LIMIT), 1)

    taken = [script.take(Channel.SMS, number) for number in (SMITH, SMITH, SHAH)]

    assert [r.outcome for r in taken if r] == [
        Outcome.RATE_LIMIT,
        Outcome.FAILED,
        Outcome.UNDELIVERED,
    ]
