"""A run of a flow of the ERP that ends in the middle, wherever that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.erp_worlds import ErpBench
from tests.support.power import Mains, Power, PowerCut


def cut_off(bench: ErpBench, run: Callable[[], object], power: Power) -> bool:
    """One run that ends where the power does; whether it did.

    Writes to partners take the power before they have an effect and after, as do the ledger and
    the records; what the run held is let go by time alone.
    """
    kept = {name: getattr(bench, name) for name in ("ledger", "records")}
    sends: list[Any] = [bench.to_unleashed, bench.to_mintsoft]
    for name, store in kept.items():
        calls = ("claim", "settle") if name == "ledger" else ("append",)
        setattr(bench, name, Mains(store, power, *calls))
    for wire in sends:
        _write_by(wire, power)
    try:
        run()
    except PowerCut:
        return True
    else:
        return False
    finally:
        for name, store in kept.items():
            setattr(bench, name, store)
        for wire in sends:
            del wire.send


def _write_by(wire: Any, power: Power) -> None:
    carry = wire.send

    def send(request: Any, *arguments: Any, **more: Any) -> Any:
        if request.method == "GET" and "/Confirm" not in request.url:
            return carry(request, *arguments, **more)
        power.step()
        answer = carry(request, *arguments, **more)
        power.step()
        return answer

    wire.send = send
