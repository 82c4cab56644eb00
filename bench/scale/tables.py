"""The tables of docs/scale.md."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bench.scale.cases import Case
from bench.scale.crowd import Day
from bench.scale.life import Asked, Measured
from bench.scale.month import Month
from bench.tables import markdown
from cli.cost.bill import Item, total


def asked(listed: Measured, by_id: Measured) -> str:
    """What a return and an idle hour ask for, receipts found in two ways."""

    def row(name: str, of: str) -> list[str]:
        every = (listed.of_a_return, by_id.of_a_return, listed.idle_hour, by_id.idle_hour)
        return [name, *(_number(getattr(one, of)) for one in every)]

    names = {
        "requests to DynamoDB": "dynamodb_requests",
        "… read units": "read_units",
        "… write units": "write_units",
        "messages on queues": "messages",
        "calls of the portal": "portal_calls",
        "calls of the warehouse": "warehouse_calls",
        "bytes of logs and metrics": "log_bytes",
    }
    head = ["", "a return, `list`", "a return, `due_ids`", "an idle hour, `list`", "… `due_ids`"]
    return markdown(head, (row(name, of) for name, of in names.items()))


def days(cases: Sequence[Case], lived: dict[str, Day]) -> str:
    """What became of each day."""
    head = [
        "",
        "returns",
        "most that wait",
        "median wait",
        "1 in 100 waits longer than",
        "all done",
    ]
    rows = []
    for case in cases:
        day = lived[case.name]
        drained = day.drained_at()
        rows.append(
            [
                case.about,
                f"{day.arrived:,}",
                f"{max(day.depth):,}",
                span(day.wait(0.5)),
                span(day.wait(0.99)),
                "not within the days looked at" if drained is None else _clock(drained),
            ]
        )
    return markdown(head, rows)


def bills(months: Sequence[tuple[str, Month]]) -> str:
    """Each month's bill by what causes it."""
    head = ["USD a month", *(name for name, _ in months)]
    rows = [
        ["what returns cause", *(_money(total(m.of_returns)) for _, m in months)],
        *_largest("… of it", [m.of_returns for _, m in months], 4),
        [
            "what merchants cause by being there",
            *(_money(total(m.of_merchants)) for _, m in months),
        ],
        *_largest("… of it", [m.of_merchants for _, m in months], 3),
        ["the stack itself", *(_money(total(m.of_the_stack)) for _, m in months)],
        ["**in all**", *(f"**{_money(m.in_all)}**" for _, m in months)],
        ["a return", *(f"{m.of_one_return:.5f}" for _, m in months)],
    ]
    return markdown(head, rows)


def _largest(word: str, bills_: Sequence[tuple[Item, ...]], many: int) -> list[list[str]]:
    order = sorted(bills_[0], key=lambda item: -item.cost)[:many]
    return [
        [
            f"{word}: {one.name}",
            *(_money(next(i.cost for i in items if i.name == one.name)) for items in bills_),
        ]
        for one in order
    ]


def span(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _clock(seconds: float) -> str:
    day, left = divmod(int(seconds), 86_400)
    word = "" if day == 0 else f" of day {day + 1}"
    return f"{left // 3600:02d}:{left % 3600 // 60:02d}{word}"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def numbers(of: Asked) -> dict[str, float]:
    """As JSON has it."""
    return {name: round(value, 3) for name, value in vars(of).items()}
