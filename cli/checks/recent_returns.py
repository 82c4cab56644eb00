"""The newest returns: what of them the merchant file does not map, and what the hub cannot read.

One page of the portal's list, whatever its returns' state: what came up lately comes up again. The
counts are over returns of the types that are announced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cli.checks.model import Area, Check, Finding, Subject, failed, ok, skipped, warning
from cli.checks.run import LEAST_SECONDS
from returns_hub.domain.lint.maps import NO_LOCATION, unmapped_locations, unmapped_reasons
from returns_hub.domain.returns import PortalReturn
from returns_hub.domain.shipments import plan_shipments
from returns_hub.errors import Permanent
from returns_hub.flows.products import look_up

NAMED = 5
"""So many are named in a sentence; `details` has more."""
MOST_DETAILS = 50


def _survey(subject: Subject) -> Iterator[Finding]:
    if not subject.last:
        yield skipped("newest returns", "were not asked for (--last 0)")
        return
    newest = subject.newest
    if newest.unreadable:
        yield failed(
            "returns that cannot be read",
            f"{len(newest.unreadable)} of the newest: {_named(Counter(newest.unreadable))}",
            "this release does not know that shape: report it",
            returns=list(newest.unreadable[:MOST_DETAILS]),
        )
    if not newest.returns:
        yield skipped("newest returns", "there are none to learn from")
        return
    oldest = min(found.created_at for found in newest.returns)
    count = len(newest.returns)
    yield ok("newest returns", f"{count} read, made since {oldest:%Y-%m-%d}", returns=count)
    yield from _words(newest.returns)
    yield from _types(subject, newest.returns)
    announced = _announced(subject)
    yield from _locations(subject, announced)
    yield from _reasons(subject, announced)
    yield from _plans(subject, announced)


def _announced(subject: Subject) -> list[PortalReturn]:
    types = subject.merchant.flows.create_external_returns.types
    return [found for found in subject.newest.returns if found.type in types]


def _words(returns: tuple[PortalReturn, ...]) -> Iterator[Finding]:
    words = Counter(word for found in returns for word in found.unknown_words)
    name = "words the hub does not know"
    if not words:
        yield ok(name, "none")
        return
    statuses = any(word.startswith("status ") for word in words)
    text = f"{_named(words)}{'; such a return is parked, never guessed at' if statuses else ''}"
    to_do = "this release was not told of them: report them"
    make = failed if statuses else warning
    yield make(name, text, to_do, words=_counts(words))


def _types(subject: Subject, returns: tuple[PortalReturn, ...]) -> Iterator[Finding]:
    types = subject.merchant.flows.create_external_returns.types
    left = Counter(found.type for found in returns if found.type not in types)
    if not left:
        yield ok("types", f"all are of the types announced ({', '.join(types)})")
        return
    yield ok(
        "types",
        f"not announced, by flows.create_external_returns.types: {_named(left)}",
        excluded=_counts(left),
    )


def _locations(subject: Subject, returns: list[PortalReturn]) -> Iterator[Finding]:
    warehouses = subject.merchant.mintsoft.warehouses
    unmapped, known = unmapped_locations(returns, warehouses)
    if not unmapped:
        mapped = f"{known} mapped" if known else "no shipment names one"
        yield ok("locations", mapped)
        return
    told = f"not in mintsoft.warehouses.by_location: {_named(unmapped)}"
    details = _counts(unmapped)
    if warehouses.merchant_address is None:
        to_do = "map them, or set mintsoft.warehouses.merchant_address"
        yield failed("locations", f"{told}; these shipments are skipped", to_do, unmapped=details)
    elif set(unmapped) == {NO_LOCATION}:
        fallback = warehouses.merchant_address
        text = f"{unmapped[NO_LOCATION]} shipments name none and go to warehouse {fallback}"
        yield ok("locations", text, unmapped=details)
    else:
        fallback = warehouses.merchant_address
        text = f"{told}; these go to warehouse {fallback} (merchant_address)"
        yield warning("locations", text, "map them, unless that is right", unmapped=details)


def _reasons(subject: Subject, returns: list[PortalReturn]) -> Iterator[Finding]:
    reasons = subject.merchant.mintsoft.reasons
    lines = sum(not line.keep_item for found in returns for line in found.lines)
    unmapped = unmapped_reasons(returns, reasons)
    if not unmapped:
        yield ok("customers' reasons", f"all of {lines} lines are mapped")
        return
    yield warning(
        "customers' reasons",
        f"not in mintsoft.reasons.map, and sent as {reasons.default} (the default): "
        f"{_named(unmapped)}",
        "map those that matter to the warehouse",
        unmapped=_counts(unmapped),
    )


def _plans(subject: Subject, returns: list[PortalReturn]) -> Iterator[Finding]:
    """What announcing each of them would have come to."""
    refused: Counter[str] = Counter()
    without_sku = 0
    for found in returns:
        without_sku += sum(
            not line.keep_item and not (line.sku or "").strip() for line in found.lines
        )
        try:
            plan_shipments(found, subject.merchant.mintsoft)
        except Permanent as verdict:
            refused[verdict.code] += 1
    if without_sku:
        whole = refused.get("return.no_sku", 0)
        yield warning(
            "lines without SKU",
            f"{without_sku}, which are left off; {whole} returns have no line with one, and would "
            "be parked",
            "give the products their SKUs in the shop",
            lines=without_sku,
            returns=whole,
        )
    else:
        yield ok("lines without SKU", "none")
    others = Counter({code: n for code, n in refused.items() if code != "return.no_sku"})
    if others:
        yield warning(
            "returns that make no sense",
            f"would be parked: {_named(others)}",
            "look at them in the portal",
            refused=_counts(others),
        )


def _skus(subject: Subject) -> Iterator[Finding]:
    name = "SKUs in Mintsoft"
    if not subject.skus or not subject.last:
        yield skipped(name, "were not looked up (--skus N looks up N of them, two calls each)")
        return
    lines = [line for found in _announced(subject) for line in found.lines if not line.keep_item]
    wanted = Counter(sku for line in lines if (sku := (line.sku or "").strip()))
    barcodes = {(line.sku or "").strip(): line.barcode or "" for line in lines}
    unknown: Counter[str] = Counter()
    looked_up = 0
    for sku, count in wanted.most_common(subject.skus):
        if subject.world.stores.clock.remaining() < LEAST_SECONDS:
            break
        looked_up += 1
        if look_up(sku, barcodes[sku], subject.world) is None:
            unknown[sku] = count
    told = f"{looked_up} of {len(wanted)} looked up"
    if unknown:
        yield failed(
            name,
            f"{told}; unknown for this client: {_named(unknown)}; their returns would be parked",
            "make the products in Mintsoft with exactly these SKUs, or name them in "
            "flows.process_receipts.policy.matching.aliases",
            unknown=_counts(unknown),
        )
    elif looked_up < min(len(wanted), subject.skus):
        yield warning(name, f"{told}; the time was up", "give it more time with --timeout")
    else:
        yield ok(name, f"{told}; all known", looked_up=looked_up, different=len(wanted))


def _named(counts: Counter[str]) -> str:
    told = ", ".join(f"{word} ({n})" for word, n in counts.most_common(NAMED))
    more = len(counts) - NAMED
    return f"{told} and {more} more" if more > 0 else told


def _counts(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common(MOST_DETAILS))


AREA = Area(
    "recent_returns",
    "The newest returns",
    (
        Check("newest returns", _survey, ("portal",)),
        Check("SKUs in Mintsoft", _skus, ("portal", "mintsoft")),
    ),
)
