"""What really happened at the marketplace, by its books (see `local.run.miinto_books`); the hub's
word counts only for what it left to a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.run.judgement import Wrongs
from local.run.miinto_books import Books, announced, number_of
from local.run.miinto_cases import Case
from local.run.miinto_twice import duplicates
from returns_hub.domain.miinto.rmas import return_id_of

DESPATCHED = 4


@dataclass(frozen=True)
class Ended:
    """How one case ended, in words for the table."""

    case: Case
    order: str
    number: str
    back: str
    word: str


@dataclass
class MiintoJudgement(Wrongs):
    """How every case ended, and what went wrong.

    Args:
        ended: One for each case.
        orders: Orders of the marketplace in Mintsoft.
        accepted: RMAs that were accepted.
        declined: RMAs that were declined.
        requests: RMA requests of the hub's.
    """

    ended: list[Ended] = field(default_factory=list)
    orders: int = 0
    accepted: int = 0
    declined: int = 0
    requests: int = 0

    def summary(self) -> dict[str, int]:
        """The marketplace's counts, as the last line of `make run` has them."""
        return {
            "miinto_orders": self.orders,
            "rmas_accepted": self.accepted,
            "rmas_declined": self.declined,
            "rma_requests": self.requests,
        }


def judge_miinto(cases: Iterable[Case], books: Books) -> MiintoJudgement:
    """Judge a run."""
    cases = list(cases)
    rmas = books.miinto["rmas"]
    known = {number_of(*_place(key)) for key in books.miinto["orders"]}
    judgement = MiintoJudgement(
        orders=sum(order["number"] in known for order in books.mintsoft["orders"]),
        accepted=_count(rmas, "accepted"),
        declined=_count(rmas, "declined"),
        requests=len(books.journal("rma_requested")),
        duplicates=list(duplicates(books)),
    )
    for case in cases:
        judgement.ended.append(_judge_case(case, books, judgement))
    of_cases = {(case.shop, case.transfer) for case in cases}
    judgement.unexpected += [
        f"transfer {entry['transfer']} of {entry['shop']} was decided, and nobody offered it here"
        for entry in books.journal("transfer_decided")
        if (entry["shop"], entry["transfer"]) not in of_cases
    ]
    judgement.unexpected += [
        f"order {order['number']} in Mintsoft is of no order of Miinto's"
        for order in books.mintsoft["orders"]
        if order["number"] not in known
    ]
    judgement.unexpected += [
        f"Miinto refused a request, {count} times: {what}"
        for what, count in books.miinto["refusals"].items()
    ]
    returns = {return_id_of(*key.rpartition("/")[::2]) for key in rmas}
    judgement.unexpected += [
        f"external return {record['id']} is of {return_id}, and Miinto has no such RMA"
        for return_id, records in announced(books.mintsoft).items()
        for record in records
        if return_id not in returns
    ]
    judgement.unexpected += _against_finding(books)
    judgement.unexpected += _refunds_of_nothing(books)
    return judgement


def _count(rmas: Mapping[str, Any], status: str) -> int:
    return sum(rma["type"] == "return" and rma["status"] == status for rma in rmas.values())


def _place(key: str) -> tuple[str, int]:
    """Shop and number from a key of Miinto's books."""
    shop, _, number = key.rpartition("/")
    return shop, int(number)


# -- nothing lost, and nothing otherwise ----------------------------------------------------------


def _judge_case(case: Case, books: Books, judgement: MiintoJudgement) -> Ended:
    where = f"{case.about} ({case.market})"
    transfer = books.miinto["transfers"].get(f"{case.shop}/{case.transfer}")
    if transfer is None:
        judgement.lost.append(f"{where}: it was not offered")
        return Ended(case, "", "", "", "lost")
    states = set(transfer["positions"].values())
    if case.left:
        return _judge_left(case, states, books, judgement)
    if states != {"accepted"} or len(transfer["orders"]) != 1:
        found = ", ".join(sorted(states))
        judgement.lost.append(f"{where}: the transfer is {found}, and not accepted")
        return Ended(case, "", "", "", "lost")
    (order,) = transfer["orders"]
    number = number_of(case.shop, order)
    problems = list(_order_problems(case, order, books))
    made = books.orders_called(number)
    if not made:
        judgement.lost.append(f"{where}: order {order} is not in Mintsoft")
        return Ended(case, str(order), "", "", "lost")
    judgement.unexpected += [f"{where}: {problem}" for problem in problems]
    back, lost, problems = _judge_back(case, order, books)
    judgement.lost += [f"{where}: {what}" for what in lost]
    judgement.unexpected += [f"{where}: {what}" for what in problems]
    return Ended(case, str(order), number, back, "lost" if lost else _word(case))


def _word(case: Case) -> str:
    return {"good": "accepted", "damaged": "declined", "no_rma": "requested"}.get(case.back, "sent")


def _judge_left(case: Case, states: set[str], books: Books, judgement: MiintoJudgement) -> Ended:
    where = f"{case.about} ({case.market})"
    said = books.hub_says.get((case.shop, case.transfer), "")
    if states != {"pending"}:
        found = ", ".join(sorted(states))
        judgement.unexpected.append(f"{where}: {found}; a person was to decide it")
        return Ended(case, "", "", "", "decided")
    if not said:
        judgement.lost.append(f"{where}: the hub says nothing about it")
        return Ended(case, "", "", "", "lost")
    if said != case.left:
        judgement.unexpected.append(f"{where}: left as {said}; expected: {case.left}")
    return Ended(case, "", "", said.replace("_", " "), "left to a person")


def _order_problems(case: Case, order: int, books: Books) -> Iterator[str]:
    number = number_of(case.shop, order)
    told = books.miinto["orders"][f"{case.shop}/{order}"]
    wanted = sorted((p["sku"], p["quantity"]) for p in told["positions"].values())
    for made in books.orders_called(number):
        found = sorted((item["sku"], item["quantity"]) for item in made["items"])
        if found != wanted:
            yield f"order {number} has {found} in Mintsoft, and {wanted} in Miinto"
        shown = {parcel.get("trackAndTrace") for parcel in told["tracking"].values()}
        if made["status_id"] != DESPATCHED:
            yield f"order {number} was not despatched"
        elif shown != {made["tracking_number"]}:
            names = ", ".join(sorted(map(str, shown))) or "no parcel"
            yield f"order {number} left as {made['tracking_number']}, and Miinto shows {names}"


def _judge_back(case: Case, order: int, books: Books) -> tuple[str, list[str], list[str]]:
    """What became of what the buyer sent back: in words, what was lost, what is otherwise."""
    if not case.back:
        return "", [], []
    kind = "request" if case.back == "no_rma" else "return"
    found = {
        key: rma
        for key, rma in books.miinto["rmas"].items()
        if key.startswith(f"{case.shop}/") and rma["order"] == order and rma["type"] == kind
    }
    if len(found) != 1:
        what = "RMA request" if kind == "request" else "RMA"
        return "", [f"{len(found)} {what}s of order {order}, and there should be one"], []
    ((key, rma),) = found.items()
    if kind == "request":
        return _judge_request(case, order, key, rma, books)
    return _judge_rma(case, key, rma, books)


def _judge_rma(
    case: Case, key: str, rma: Mapping[str, Any], books: Books
) -> tuple[str, list[str], list[str]]:
    shop, number = key.rpartition("/")[::2]
    wanted = "accepted" if case.back == "good" else "declined"
    reasons = dict.fromkeys(p["reason"] for p in rma["positions"].values() if p["reason"])
    told = ": ".join([f"RMA {number} {rma['status']}", *reasons])
    if rma["status"] == "pending":
        return told, [f"RMA {number} was not decided"], []
    problems = []
    if rma["status"] != wanted:
        problems.append(f"RMA {number} is {rma['status']}; expected: {wanted}")
    silent = [
        i for i, p in rma["positions"].items() if p["status"] == "declined" if not p["reason"]
    ]
    problems += [f"position {i} of RMA {number} was declined without a reason" for i in silent]
    others = {
        entry["by"]
        for entry in books.journal("rma_decided")
        if (entry["shop"], entry["rma"]) == (shop, number) and entry["by"] != books.login
    }
    problems += [f"RMA {number} was decided by {who}" for who in sorted(others)]
    if wanted == "declined":
        return told, [], problems
    events = [one for one in books.refunds if one["return_id"] == return_id_of(shop, number)]
    if not events:
        return told, [f"the refund of RMA {number} went nowhere"], problems
    problems += _amounts(shop, number, events, books)
    return f"{told}, refund told", [], problems


def _amounts(
    shop: str, number: str, events: Iterable[Mapping[str, Any]], books: Books
) -> Iterator[str]:
    """What the refunds say, beside what Miinto paid the buyer."""
    paid = sum(
        refund["amount"]
        for refund in books.miinto["refunds"]
        if (refund["shop"], refund["rma"]) == (shop, number)
    )
    currencies = {r["currency"] for r in books.miinto["refunds"] if r["shop"] == shop}
    by_position = {line["position"]: line for event in events for line in event["lines"]}
    told = sum(line["amount_minor"] or 0 for line in by_position.values())
    if told != paid:
        yield f"the refund of RMA {number} says {told}, and Miinto paid {paid}"
    for currency in {event["currency"] for event in events} - currencies:
        yield f"the refund of RMA {number} is in {currency}"


def _judge_request(
    case: Case, order: int, key: str, rma: Mapping[str, Any], books: Books
) -> tuple[str, list[str], list[str]]:
    number = key.rpartition("/")[2]
    asked = Counter[str]()
    for position in rma["positions"].values():
        asked[position["sku"]] += position["quantity"]
    ids = {made["id"] for made in books.orders_called(number_of(case.shop, order))}
    came = Counter[str]()
    for record in books.mintsoft["external_returns"]:
        for row in record["rows"] if record["order_id"] in ids else ():
            came[row["sku"]] += row["quantity"]
    problems = []
    if asked != came:
        problems.append(
            f"RMA request {number} is for {dict(asked)}, and the warehouse got {dict(came)}"
        )
    return f"RMA request {number}", [], problems


# -- nothing against the warehouse's finding -------------------------------------------------------


def _against_finding(books: Books) -> Iterator[str]:
    """Accepted is what came whole and good; declined what did not."""
    found = announced(books.mintsoft)
    for key, rma in books.miinto["rmas"].items():
        if rma["type"] != "return":
            continue
        shop, number = key.rpartition("/")[::2]
        good = _good_units(found.get(return_id_of(shop, number), ()), books.good_reasons)
        for position in rma["positions"].values():
            sku, quantity, status = position["sku"], position["quantity"], position["status"]
            if status == "accepted" and good[sku] < quantity:
                yield (
                    f"RMA {number} of {shop}: {quantity} x {sku} accepted, and the warehouse found "
                    f"{good[sku]} of them good"
                )
            elif status == "declined" and good[sku] >= quantity:
                yield f"RMA {number} of {shop}: {sku} declined, and the warehouse found all good"
            good[sku] -= quantity if status == "accepted" else 0


def _good_units(records: Iterable[Mapping[str, Any]], reasons: frozenset[int]) -> Counter[str]:
    good: defaultdict[str, int] = defaultdict(int)
    for record in records:
        for row in record["rows"] if record["confirmed"] else ():
            good[row["sku"]] += row["quantity"] if row["reason_id"] in reasons else 0
    return Counter(good)


def _refunds_of_nothing(books: Books) -> Iterator[str]:
    """Refunds that were told of what Miinto did not accept."""
    accepted = {
        (return_id_of(*key.rpartition("/")[::2]), position)
        for key, rma in books.miinto["rmas"].items()
        for position, told in rma["positions"].items()
        if told["status"] == "accepted"
    }
    for refund in books.refunds:
        for line in refund["lines"]:
            if (refund["return_id"], line["position"]) not in accepted:
                yield (
                    f"refund {refund['refund_id']} was told, and Miinto did not accept position "
                    f"{line['position']} of {refund['return_id']}"
                )
