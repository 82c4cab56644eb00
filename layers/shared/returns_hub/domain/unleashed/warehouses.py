"""Which Mintsoft warehouse a code of Unleashed means; a doubt stops that warehouse alone.

Before anything of a warehouse is read on or written, the map of the merchant's file is held against
the warehouses that both sides really have. Source: Unleashed's warehouses carry a code, a name and
whether they are obsolete; whether its filter by code tells case apart is not known, so that codes
which differ only in case or blanks are never used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from returns_hub.domain.unleashed.settings import same_code


@dataclass(frozen=True, slots=True)
class ErpWarehouse:
    """A warehouse as Unleashed lists it."""

    code: str
    name: str = ""
    obsolete: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What a code comes to.

    Args:
        warehouse_id: The warehouse's id in Mintsoft; None when nothing may be done there.
        why: Why not, in a sentence; empty for a warehouse that the file says is elsewhere.
    """

    warehouse_id: int | None = None
    why: str = ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is none of ours, which nobody needs to be told."""
        return self.warehouse_id is None and not self.why


@dataclass(frozen=True)
class Places:
    """The warehouses that may be worked with, and those that are stopped.

    Args:
        open: Code -> Mintsoft warehouse id.
        stopped: Code -> why, in a sentence that names it.
        elsewhere: Codes that the file says are not in this Mintsoft.
    """

    open: Mapping[str, int]
    stopped: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    @property
    def problems(self) -> tuple[str, ...]:
        """What a person has to mend, each thing once."""
        return tuple(sorted(set(self.stopped.values())))

    def of(self, code: str) -> Place:
        """What an order, a transfer or a stock row with this code is about."""
        if code in self.open:
            return Place(self.open[code])
        if code in self.stopped:
            return Place(why=self.stopped[code])
        if same_code(code) in {same_code(known) for known in self.elsewhere}:
            return Place()
        if not code.strip():
            return Place(why="it names no warehouse")
        return Place(why=_unmapped(code))


def places_of(
    mapped: Mapping[str, int],
    elsewhere: Iterable[str],
    in_unleashed: Iterable[ErpWarehouse],
    in_mintsoft: Mapping[int, str],
) -> Places:
    """Hold the file's map against what both sides have.

    Args:
        mapped: `unleashed.warehouses`.
        elsewhere: `unleashed.warehouses_elsewhere`.
        in_unleashed: Every warehouse of the account, obsolete ones too.
        in_mintsoft: Mintsoft's active warehouses, id -> name.
    """
    rows = tuple(in_unleashed)
    away = frozenset(elsewhere)
    away_alike = {same_code(code) for code in away}
    stopped = {code: why for code in mapped if (why := next(_doubts(code, rows), None))}
    stopped |= {
        code: f"the warehouses {_other(code, mapped, id_)} and {code} both name Mintsoft "
        f"warehouse {id_}"
        for code, id_ in mapped.items()
        if list(mapped.values()).count(id_) > 1
    }
    stopped |= {
        code: f"warehouse {code} is mapped to {id_}, which is no active warehouse of Mintsoft; "
        f"it has {_listed(in_mintsoft)}"
        for code, id_ in mapped.items()
        if code not in stopped and id_ not in in_mintsoft
    }
    alike = {same_code(code): why for code, why in stopped.items()}
    stopped |= {
        row.code: alike.get(same_code(row.code)) or _unmapped(row.code)
        for row in rows
        if row.code not in mapped and not row.obsolete and same_code(row.code) not in away_alike
    }
    return Places(
        open={code: id_ for code, id_ in mapped.items() if code not in stopped},
        stopped=stopped,
        elsewhere=away,
    )


def _doubts(code: str, rows: tuple[ErpWarehouse, ...]) -> Iterator[str]:
    alike = [row for row in rows if same_code(row.code) == same_code(code)]
    exact = [row for row in alike if row.code == code]
    others = sorted({row.code for row in alike} - {code})
    if not alike:
        yield (
            f"warehouse {code} is not in Unleashed; it has "
            f"{', '.join(sorted(row.code for row in rows)) or 'none'}"
        )
    elif not exact:
        yield f"warehouse {code} is not in Unleashed; it has {', '.join(others)}: write it so"
    elif others:
        yield (
            f"the warehouses {code} and {', '.join(others)} of Unleashed are one code but for case "
            "or blanks; rename one of them there"
        )
    elif Counter(row.code for row in exact)[code] > 1:
        yield f"Unleashed has two warehouses with the code {code}; rename one of them there"
    elif exact[0].obsolete:
        yield f"warehouse {code} is obsolete in Unleashed"


def _other(code: str, mapped: Mapping[str, int], id_: int) -> str:
    return ", ".join(sorted(one for one, held in mapped.items() if held == id_ and one != code))


def _unmapped(code: str) -> str:
    return (
        f"warehouse {code} is not mapped: name it in unleashed.warehouses, or in "
        "unleashed.warehouses_elsewhere when it is not in this Mintsoft"
    )


def _listed(names: Mapping[int, str]) -> str:
    return ", ".join(f"{id_} ({name})" for id_, name in sorted(names.items())) or "none"
