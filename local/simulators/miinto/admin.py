"""The side door of Miinto's simulator: `/_admin/…`; see `local/README.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from local.simulators.changed_settings import changed
from local.simulators.miinto.replies import Failure
from local.simulators.miinto.rma_dialects import Rma, Verdict
from local.simulators.miinto.sample import sample

if TYPE_CHECKING:
    from local.simulators.miinto.simulator import MiintoSimulator

DONE = {"ok": True}


def admin_actions(miinto: MiintoSimulator) -> dict[str, Callable[[Any], Any]]:
    """The actions by their names. Each takes the request's JSON and gives JSON."""

    def rma_of(content: Mapping[str, Any]) -> Rma:
        return miinto.rmas.one(content["shop"], miinto.rmas.dialect.number_of(str(content["rma"])))

    def seed(content: Any) -> Any:
        miinto.seed(content)
        return DONE

    def seed_sample(content: Any) -> Any:
        made = sample(**content)
        miinto.seed(made)
        return made

    def settings(content: Any) -> Any:
        miinto.settings = changed(miinto.settings, content or {})
        return asdict(miinto.settings)

    def offer(content: Any) -> Any:
        given = dict(content)
        return miinto.offer(given.pop("shops"), given.pop("items"), **given)

    def decide_transfer(content: Any) -> Any:
        return {"order": miinto.decide_elsewhere(**content)}

    def expire_transfer(content: Any) -> Any:
        miinto.orders.offers.expire(
            miinto.orders.offers.transfers[content["shop"], content["transfer"]]
        )
        return DONE

    def order(content: Any) -> Any:
        given = dict(content)
        number, positions = miinto.order(given.pop("shop"), given.pop("items"), **given)
        return {"order": number, "positions": positions}

    def rma(content: Any) -> Any:
        return miinto.create_rma(**content)

    def decide_rma(content: Any) -> Any:
        found, reason = rma_of(content), str(content.get("reason", ""))
        verdicts = [
            *(Verdict(number, True, reason) for number in content.get("accepted", [])),
            *(Verdict(number, False, reason) for number in content.get("declined", [])),
        ]
        miinto.rmas.decide(found, verdicts, "admin panel")
        return DONE

    def change_rma(content: Any) -> Any:
        miinto.rmas.change(rma_of(content), int(content["position"]), content["status"])
        return DONE

    def accept_request(content: Any) -> Any:
        miinto.rmas.accept_request(rma_of(content))
        return DONE

    def word(content: Any) -> Any:
        kind, text = content["kind"], str(content["word"])
        if kind == "transfer":
            miinto.orders.offers.transfers[content["shop"], content["id"]].word = text
        elif kind == "order":
            miinto.orders.one(content["shop"], content["id"]).word = text
        elif kind == "rma":
            rma_of({"shop": content["shop"], "rma": content["id"]}).word = text
        else:
            raise ValueError("kind is transfer, order or rma")
        return DONE

    def shop(content: Any) -> Any:
        miinto.state.shops[content["id"]].active = bool(content["active"])
        return DONE

    def expire_channels(_: Any) -> Any:
        miinto.auth.expire()
        return DONE

    actions: dict[str, Callable[[Any], Any]] = {
        "books": lambda _: miinto.all_books(),
        "seed": seed,
        "sample": seed_sample,
        "settings": settings,
        "offer": offer,
        "decide-transfer": decide_transfer,
        "expire-transfer": expire_transfer,
        "order": order,
        "rma": rma,
        "decide-rma": decide_rma,
        "change-rma": change_rma,
        "accept-request": accept_request,
        "word": word,
        "shop": shop,
        "expire-channels": expire_channels,
    }
    return {name: _refusals_told(action) for name, action in actions.items()}


def _refusals_told(action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def told(content: Any) -> Any:
        try:
            return action(content)
        except Failure as failure:
            raise ValueError(failure.message) from None

    return told
