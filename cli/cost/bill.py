"""A month's bill of what was measured, and of prices that are public."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pydantic import Field, ValidationError

from returns_hub.domain.base import Frozen

PRICES = Path(__file__).resolve().parent / "prices.json"
GB = Decimal(1024**3)
MILLION = Decimal(1_000_000)
Price = Field(ge=0)


class Prices(Frozen):
    """Prices of one region at one time; `source` says whose word they are."""

    as_of: str
    region: str
    currency: str
    source: str
    lambda_requests_per_million: Decimal = Price
    lambda_gb_second_arm64: Decimal = Price
    lambda_gb_second_x86_64: Decimal = Price
    dynamodb_reads_per_million: Decimal = Price
    dynamodb_writes_per_million: Decimal = Price
    dynamodb_storage_gb_month: Decimal = Price
    dynamodb_recovery_gb_month: Decimal = Price
    sqs_requests_per_million: Decimal = Price
    http_api_requests_per_million: Decimal = Price
    logs_ingested_gb: Decimal = Price
    custom_metric_month: Decimal = Price
    alarm_month: Decimal = Price
    dashboard_month: Decimal = Price
    secret_month: Decimal = Price
    kms_key_month: Decimal = Price


def read_prices(path: Path = PRICES) -> Prices:
    """Prices of a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no such file; the text says what is wrong.
    """
    try:
        return Prices.model_validate_json(path.read_bytes())
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ValueError(f"{where}: {first['msg']}") from None


@dataclass(frozen=True)
class FunctionUse:
    """One function's month."""

    invocations: float
    seconds: float
    memory_mb: int
    architecture: str = "arm64"

    @property
    def gb_seconds(self) -> float:
        """What Lambda bills by; starts of environments are not among it."""
        return self.seconds * self.memory_mb / 1024


@dataclass(frozen=True)
class Use:
    """What was measured of a month, or of the part of it that went by.

    `share` is that part: what is paid by the month counts so far. `queue_requests` counts each
    message as a request of its own, so that batches cost less than this. `returns` and `calls` are
    None where nobody counted them.
    """

    share: float
    functions: Mapping[str, FunctionUse] = field(default_factory=dict)
    reads: float = 0
    writes: float = 0
    stored_bytes: int = 0
    queue_requests: float = 0
    api_requests: float = 0
    log_bytes: float = 0
    metrics: int = 0
    alarms: int = 0
    dashboards: int = 0
    secrets: int = 0
    keys: int = 0
    returns: float | None = 0
    calls: float | None = None


@dataclass(frozen=True)
class Item:
    """A line of the bill. `basis` is ``measured``, or what of it is assumed."""

    name: str
    amount: str
    cost: Decimal
    basis: str


def bill(use: Use, prices: Prices) -> tuple[Item, ...]:
    """Every line, in a fixed order."""
    share = Decimal(str(use.share))
    gb_seconds = {
        kind: sum(f.gb_seconds for f in use.functions.values() if f.architecture == kind)
        for kind in ("arm64", "x86_64")
    }
    invocations = sum(f.invocations for f in use.functions.values())
    compute = (
        _of(gb_seconds["arm64"]) * prices.lambda_gb_second_arm64
        + _of(gb_seconds["x86_64"]) * prices.lambda_gb_second_x86_64
    )
    stored = _of(use.stored_bytes) / GB
    per_gb = prices.dynamodb_storage_gb_month + prices.dynamodb_recovery_gb_month
    of_month = "counted now, as if all month"
    return (
        Item("Lambda time", f"{sum(gb_seconds.values()):,.0f} GB-s", compute, "measured"),
        _per_million("Lambda requests", invocations, prices.lambda_requests_per_million),
        _per_million("DynamoDB reads", use.reads, prices.dynamodb_reads_per_million),
        _per_million("DynamoDB writes", use.writes, prices.dynamodb_writes_per_million),
        Item(
            "DynamoDB storage",
            f"{stored:,.3f} GB",
            stored * per_gb * share,
            f"{of_month}, with point-in-time recovery",
        ),
        _per_million(
            "SQS requests",
            use.queue_requests,
            prices.sqs_requests_per_million,
            "measured; a batch counts as its messages",
        ),
        _per_million("HTTP API", use.api_requests, prices.http_api_requests_per_million),
        Item(
            "logs",
            f"{_of(use.log_bytes) / GB:,.3f} GB",
            _of(use.log_bytes) / GB * prices.logs_ingested_gb,
            "measured; keeping them is left out",
        ),
        _by_month("metrics", use.metrics, prices.custom_metric_month, share, of_month),
        _by_month("alarms", use.alarms, prices.alarm_month, share, of_month),
        _by_month("dashboards", use.dashboards, prices.dashboard_month, share, of_month),
        _by_month("secrets", use.secrets, prices.secret_month, share, of_month),
        _by_month(
            "key", use.keys, prices.kms_key_month, share, f"{of_month}; its requests are not"
        ),
    )


def total(items: tuple[Item, ...]) -> Decimal:
    """What it costs."""
    return sum((item.cost for item in items), Decimal(0))


def _per_million(name: str, count: float, price: Decimal, basis: str = "measured") -> Item:
    return Item(name, f"{count:,.0f}", _of(count) / MILLION * price, basis)


def _by_month(name: str, count: int, price: Decimal, share: Decimal, basis: str) -> Item:
    return Item(name, str(count), count * price * share, basis)


def _of(number: float) -> Decimal:
    return Decimal(str(number))
