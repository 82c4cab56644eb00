"""The hands in the warehouse and the colleagues at the portal, as the samples have them."""

from __future__ import annotations

from collections.abc import Callable

from local.partners import PartnerSimulators
from local.run.check import MARKED
from local.run.publish import Sample


class Warehouse:
    """Books in what arrives: each external return once for each confirmation of its sample."""

    def __init__(self, partners: PartnerSimulators, all_samples: list[Sample]) -> None:
        self._partners = partners
        self._samples = {sample.return_id: sample for sample in all_samples}
        self._confirmed: dict[int, int] = {}

    def announced(self) -> int:
        """How many external returns the samples have in Mintsoft by now."""
        with self._partners.held():
            records = list(self._partners.mintsoft.returns.values())
        return sum(
            self._sample_of(r.rows[0].comments if r.rows else "") is not None for r in records
        )

    def meanwhile(self) -> None:
        """What colleagues do between the announcement and the parcel's arrival."""
        with self._partners.held():
            for sample in self._samples.values():
                if sample.meanwhile and sample.meanwhile["when"] == "before_receipt":
                    self._partners.redo.set_status(sample.return_id, sample.meanwhile["status"])

    def confirm_next(self, which: Callable[[int], bool] = lambda _: True) -> int:
        """The next confirmation of every external return, or of those of these ids; how many there
        were."""
        with self._partners.held():
            return self._confirm_next(which)

    def _confirm_next(self, which: Callable[[int], bool]) -> int:
        done = 0
        for record in list(self._partners.mintsoft.returns.values()):
            sample = self._sample_of(record.rows[0].comments if record.rows else "")
            turn = self._confirmed.get(record.id, 0)
            if sample is None or turn >= len(sample.warehouse) or not which(record.id):
                continue
            self._partners.mintsoft.receive(record.id, sample.warehouse[turn]["goods"])
            self._confirmed[record.id] = turn + 1
            done += 1
        return done

    def _sample_of(self, comments: str) -> Sample | None:
        found = MARKED.search(comments)
        return self._samples.get(found[1]) if found else None
