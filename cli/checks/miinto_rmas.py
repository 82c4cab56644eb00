"""Of Miinto: the RMA contract, which no source tells. It is proven by reads, and the outcome kept.

A contract counts as proven when the list answers as the file says, and the body of at least one RMA
was read with an id, a status that the file lists, and its positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from cli.checks.model import Finding, Market, Subject, failed, ok, skipped, warning
from cli.checks.run import is_unreachable
from returns_hub.domain.file_types import Mode
from returns_hub.domain.flow_settings import ReceiptStrategy
from returns_hub.domain.miinto.rma_proof import RmaProof, contract_of, is_live, is_proven
from returns_hub.domain.miinto.rmas import Rma
from returns_hub.domain.miinto.settings import MiintoShop
from returns_hub.errors import Verdict
from returns_hub.flows.find_receipts import choose
from returns_hub.ports.marketplace import Rmas

LEAST_VERSION = (2, 5)
MOST_READ = 50
"""RMAs of a shop whose bodies are looked at."""
CANDIDATES = (
    "/shops/{shop}/rmas",
    "/shops/{shop}/rma",
    "/shops/{shop}/returns",
    "/shops/{shop}/rma-requests",
    "/rmas",
)
"""Paths that are tried where the one of the file is not there: a hint for whoever asks Miinto."""
UNREADABLE = "(unreadable"
NOT_A_WORD = "("
"""What begins so is the adapter's own word for what it could not read."""
ASK = "ask Miinto for the RMA calls, and write them into miinto.rma.contract (docs/miinto.md)"


@dataclass
class Looked:
    """What the shops' RMAs showed.

    Args:
        seen: RMAs that were listed.
        whole: Those whose status and positions are as the file says.
        problems: What is not, in sentences.
        words: Statuses that the file does not list.
        is_contradicted: An RMA was read that is not as the file says; a list that is refused or
            empty contradicts nothing.
    """

    seen: int = 0
    whole: int = 0
    problems: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    is_contradicted: bool = False


def contract(subject: Subject, market: Market) -> Iterator[Finding]:
    """List and read RMAs as the file says, and keep whether that works."""
    connection = market.connection
    shops = [shop for shop in connection.shops if shop.rmas]
    if not shops or connection.level == "stock_only":
        yield skipped("RMA contract", "no shop's RMAs are synced")
        return
    if tuple(int(part) for part in connection.version.split(".")) < LEAST_VERSION:
        why = f"version {connection.version} knows no RMAs; they need 2.5"
        _keep(subject, market, Looked(problems=[why], is_contradicted=True))
        yield failed("RMA contract", why, "raise miinto.version")
        return
    rmas = market.world.rmas
    if rmas is None:
        yield failed("RMA contract", "is not described in the file", ASK)
        return
    looked, began = Looked(), subject.now
    for shop in shops:
        yield from _of_shop(rmas, market, shop, looked)
    kept = _keep(subject, market, looked)
    yield from _words(looked)
    if kept.proven and kept.at < began:
        yield ok(
            "RMA contract",
            f"was proven {kept.at:%Y-%m-%d %H:%M} UTC, and nothing that was read now is against it",
            contract=kept.contract,
        )
    elif kept.proven:
        yield ok(
            "RMA contract",
            f"proven by {looked.whole} RMAs of {looked.seen}; kept for the flows",
            contract=kept.contract,
        )
    elif kept.why and looked.problems:
        yield failed("RMA contract", f"not proven: {kept.why}", ASK)
    else:
        yield warning(
            "RMA contract",
            f"not proven: {kept.why}",
            "check again once a buyer has asked for a return; RMAs cannot be live before",
        )


def _of_shop(rmas: Rmas, market: Market, shop: MiintoShop, looked: Looked) -> Iterator[Finding]:
    name = f"RMAs of {shop.slug}"
    try:
        listed = list(islice(rmas.list(shop.id), MOST_READ))
        body = rmas.read(shop.id, listed[0].id) if listed else None
    except Verdict as verdict:
        if is_unreachable(verdict):
            raise
        told, answers = _candidates(market, shop)
        looked.problems.append(f"{shop.slug}: {verdict.reason}")
        yield failed(name, f"{verdict.reason}; {told}", ASK, answers=answers)
        return
    looked.seen += len(listed)
    if listed and body is None:
        looked.problems.append(f"{shop.slug}: an RMA of the list is not there when it is read")
        looked.is_contradicted = True
        yield failed(name, "an RMA of the list is not there when it is read", ASK)
        return
    bodies = [body, *listed[1:]] if body is not None else []
    wrong = sorted({problem for one in bodies for problem in _problems(one)})
    for one in bodies:
        looked.whole += not one.unknown_words and not list(_problems(one))
        looked.words |= {word for word in one.unknown_words if not word.startswith(NOT_A_WORD)}
    looked.is_contradicted = looked.is_contradicted or bool(wrong)
    if wrong:
        looked.problems += [f"{shop.slug}: {problem}" for problem in wrong]
        yield failed(name, f"{len(listed)} listed; {'; '.join(wrong)}", ASK)
    elif not listed:
        yield ok(name, "the list answers, and is empty", listed=0)
    else:
        yield ok(name, f"{len(listed)} listed, and the first one read", listed=len(listed))
    untied = sum(one.order_id is None for one in bodies)
    if untied:
        yield warning(
            f"orders of {name}",
            f"{untied} RMAs name no order: they cannot be tied to one",
            "see miinto.rma.contract.fields.order_id",
        )


def _problems(one: Rma) -> Iterator[str]:
    """What of a body is not as the file says; a word that is not listed is no such problem."""
    if not one.positions and not one.status_word.startswith(UNREADABLE):
        yield "an RMA has no positions where the file looks for them"
    for word in one.unknown_words:
        if word.startswith(NOT_A_WORD):
            yield (
                f"an RMA cannot be read {word}"
                if word.startswith(UNREADABLE)
                else (f"an RMA's status is {word} where the file looks for it")
            )


def _candidates(market: Market, shop: MiintoShop) -> tuple[str, dict[str, str]]:
    """What paths that RMAs could be at are answered with."""
    answers = {path: market.probe.answer_to(path.replace("{shop}", shop.id)) for path in CANDIDATES}
    return ", ".join(f"{path}: {answer}" for path, answer in answers.items()), answers


def _words(looked: Looked) -> Iterator[Finding]:
    if looked.words:
        yield warning(
            "words of RMAs",
            f"not in the file: {', '.join(sorted(looked.words))}; no decision is made on such RMAs",
            "add them to miinto.rma.contract.words, as Miinto explains them",
            words=sorted(looked.words),
        )


def _keep(subject: Subject, market: Market, looked: Looked) -> RmaProof:
    """Keep what was found, for the flows; or what was proven before, if nothing contradicts it: a
    bad hour at Miinto, or a list without RMAs, must not stop the work on those there are."""
    capabilities, merchant = subject.world.stores.capabilities, subject.merchant.merchant
    before = capabilities.rma_proof(merchant)
    why = "; ".join(looked.problems)
    if not why and not looked.seen:
        why = "there is no RMA to look at yet"
    elif not why and not looked.whole:
        why = "no RMA has a status that the file lists"
    is_proven_before = before is not None and is_proven(market.connection, before)
    if before is not None and is_proven_before and why and not looked.is_contradicted:
        return before
    proof = RmaProof(
        contract=contract_of(market.connection),
        proven=not why,
        at=subject.now,
        why=why[:1000],
        unknown_words=tuple(sorted(looked.words)),
    )
    capabilities.keep_rma_proof(merchant, proof)
    return proof


def requests(subject: Subject, market: Market) -> Iterator[Finding]:
    """Whether goods that came without an RMA can be seen at all."""
    name, rma = "RMA requests", market.connection.rma
    if rma.requests == "off":
        yield skipped(name, "are off (miinto.rma.requests)")
        return
    if rma.decide.mode is Mode.OFF:
        yield warning(
            name,
            f"miinto.rma.requests is {rma.requests}, and miinto.rma.decide.mode is off: nobody "
            "looks at goods that came without an RMA",
            "switch miinto.rma.decide on, or miinto.rma.requests off",
        )
        return
    proven = subject.world.stores.capabilities.get(subject.merchant.merchant)
    configured = subject.merchant.flows.process_receipts.strategy
    strategy = choose(configured, proven)
    if strategy is ReceiptStrategy.DUE_IDS:
        told = configured.value
        told += "" if configured is strategy else ", which is due_ids here"
        yield warning(
            name,
            f"receipts are found by {told}: only our own external returns are read, so that goods "
            "without an RMA are never found",
            "have lists proven (hub check --area receipts), or set "
            "flows.process_receipts.strategy to by_date",
        )
    else:
        yield ok(name, f"{rma.requests}; goods without an RMA are found by {strategy.value}")


def live(subject: Subject, market: Market) -> Iterator[Finding]:
    """Whether RMAs may be live: never under a contract that was not proven."""
    connection = market.connection
    proof = subject.world.stores.capabilities.rma_proof(subject.merchant.merchant)
    proven = is_proven(connection, proof)
    modes = (
        f"announcing {connection.rma.announce.mode.value}, "
        f"deciding {connection.rma.decide.mode.value}"
    )
    if is_live(connection) and not proven:
        yield failed(
            "RMAs live",
            f"{modes}, and the RMA contract is not proven: the flows refuse to begin",
            "set both to shadow until the row RMA contract is ok",
        )
    elif proven and proof is not None:
        yield ok("RMAs live", f"{modes}; the contract was proven {proof.at:%Y-%m-%d %H:%M} UTC")
    else:
        yield skipped("RMAs live", f"{modes}; the contract is not proven")
