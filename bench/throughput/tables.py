"""What was measured, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from bench.tables import Table
from bench.throughput.announce import Figures
from bench.throughput.poll import Read


def of_announcing(figures: Sequence[Figures]) -> Table:
    """One table for all ways with partners and AWS as slow as they were."""
    first = figures[0]
    aws = "the emulator" if first.aws_delay is None else f"{first.aws_delay * 1000:.0f} ms"
    heads = (
        "way",
        "returns/s of an environment",
        "returns per processor second",
        "processor ms",
        "partner calls",
        "AWS calls",
        "partner bytes",
        "AWS bytes",
        "most MB",
    )
    return Table(
        f"Announcing: partners {first.partner_delay * 1000:.0f} ms, AWS {aws}",
        heads,
        [
            (
                row.way,
                f"{row.per_second:.1f}",
                f"{row.per_cpu_second:.0f}",
                f"{row.cpu_ms:.1f}",
                f"{row.partner_calls:.1f}",
                _known(row.aws_calls, 1),
                f"{row.partner_bytes:,.0f}",
                _known(row.aws_bytes, 0),
                f"{row.peak_mb:.0f}",
            )
            for row in figures
        ],
    )


def of_polling(rows: Sequence[Read], count: int) -> Table:
    """One table for both ways with partners as slow as they were."""
    heads = (
        "way, reading",
        "rows/s",
        "seconds",
        "processor s",
        "calls",
        "of them product pages",
        "partner kB",
        "AWS calls",
        "most MB",
    )
    title = f"Polling {count:,} products of both sides: partners {rows[0].delay * 1000:.0f} ms"
    return Table(
        title,
        heads,
        [
            (
                f"{row.way}, {row.what}",
                f"{row.rows / row.seconds:,.0f}" if row.rows else "",
                f"{row.seconds:.2f}",
                f"{row.cpu:.2f}",
                str(row.calls),
                str(row.pages),
                f"{row.partner_bytes / 1000:,.0f}",
                str(row.aws_calls),
                f"{row.peak_mb:.0f}",
            )
            for row in rows
        ],
    )


def _known(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"
