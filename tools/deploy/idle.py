"""What a deployed hub costs a month before anything happens, of the template and public prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from cli.cost.bill import Prices
from tools.deploy.template_facts import TemplateFacts

POLLS_PER_QUEUE = 650_000
"""Receives a month that Lambda makes of an idle queue (five pollers, long polls): AWS's guidance
for an event source mapping with `MaximumConcurrency`; not measured by us."""
SECONDS_PER_TICK = Decimal("0.3")
GB_PER_TICK = Decimal("0.5")
"""Of a tick that finds nothing to do; an assumption."""
MILLION = Decimal(1_000_000)


def idle_month(template: TemplateFacts, prices: Prices) -> Mapping[str, tuple[str, Decimal]]:
    """Each kind of cost: how much of it, and its price a month. Metrics and logs are left out."""
    queues, ticks = template.queue_events(), template.ticks_a_month()
    polls = queues * POLLS_PER_QUEUE
    compute = Decimal(ticks) * SECONDS_PER_TICK * GB_PER_TICK * prices.lambda_gb_second_arm64
    requests = Decimal(ticks) / MILLION * prices.lambda_requests_per_million
    alarms = template.count("AWS::CloudWatch::Alarm")
    secrets = template.count("AWS::SecretsManager::Secret")
    dashboards = template.count("AWS::CloudWatch::Dashboard")
    keys = template.count("AWS::KMS::Key")
    return {
        "alarms": (f"{alarms}", alarms * prices.alarm_month),
        "dashboard": (f"{dashboards}", dashboards * prices.dashboard_month),
        "secrets of one merchant": (f"{secrets}", secrets * prices.secret_month),
        "key that all data is under": (f"{keys}", keys * prices.kms_key_month),
        "Lambda asking idle queues": (
            f"{queues} queues, {polls / 1e6:.2f} M requests (assumed)",
            polls / MILLION * prices.sqs_requests_per_million,
        ),
        "schedules": (
            f"{ticks:,} ticks of {SECONDS_PER_TICK} s at {GB_PER_TICK} GB (assumed)",
            compute + requests,
        ),
    }


def as_markdown(month: Mapping[str, tuple[str, Decimal]], prices: Prices) -> str:
    """The table of docs/deploy.md."""
    total = sum((cost for _, cost in month.values()), Decimal(0))
    return "\n".join(
        [
            f"| of an idle stack | how much | {prices.currency} a month |",
            "|---|---|---|",
            *(f"| {name} | {amount} | {cost:.2f} |" for name, (amount, cost) in month.items()),
            f"| **together** | prices of {prices.as_of}, {prices.region} | **{total:.2f}** |",
        ]
    )
