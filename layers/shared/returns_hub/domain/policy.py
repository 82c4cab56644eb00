"""A merchant's decision table: what is done about each difference (R14, R15, R17).

A preset gives every row; a file overrides single rows. The preset ``standard`` is what Redo's own
connector promises (match by SKU, all match → process, any other SKU → flag), with one caution of
ours: a line that is short is flagged, because Redo's process call takes a line whole.
`docs/decisions-engine.md` has the whole table.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, StringConstraints, model_validator

from returns_hub.domain.base import Frozen

WholeUnits = Annotated[int, Strict(), Field(ge=1, le=10_000)]
Sku = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class LineAction(StrEnum):
    """What is done about one line.

    `process` restocks as the team's restock setting says; `process_share` pays the share that
    arrived. `flag` and `ask` are about the whole return: nothing of it is processed.
    """

    PROCESS = "process"
    NO_RESTOCK = "process_no_restock"
    SHARE = "process_share"
    REJECT = "reject"
    HOLD = "hold"
    FLAG = "flag"
    ASK = "ask"


class ExtraAction(StrEnum):
    """What is done about goods that no open line announced; `go_on` leaves them to the note."""

    GO_ON = "go_on"
    FLAG = "flag"
    ASK = "ask"


class Complete(StrEnum):
    """When lines of a return with several shipments may be processed."""

    EACH_LINE = "each_line"
    ALL_SHIPMENTS = "all_shipments"


Match = Literal["process", "process_no_restock", "flag", "ask"]
Short = Literal["process", "process_share", "reject", "hold", "flag", "ask"]
Missing = Literal["reject", "hold", "flag", "ask"]
Condition = Literal["process", "process_no_restock", "reject", "hold", "flag", "ask"]
Extra = Literal["go_on", "flag", "ask"]
Person = Literal["flag", "ask"]
RejectRow = Literal["short", "missing", "damaged", "scrapped", "unknown_condition"]
RejectReason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)
]
Preset = Literal["standard", "strict", "pay-what-arrived", "ask", "marketplace"]


class LineRules(Frozen):
    """Rows about lines of the return; a row that is not set is the preset's."""

    match: Match | None = Field(default=None, description="every unit of the line arrived")
    short: Short | None = Field(
        default=None,
        description="fewer units arrived, and no other shipment is awaited; Redo takes a line "
        "whole, so `process` pays for all of it",
    )
    missing: Missing | None = Field(
        default=None, description="no unit of the line arrived, and no other shipment is awaited"
    )
    damaged: Condition | None = Field(
        default=None, description="the warehouse put a unit of the line into quarantine"
    )
    scrapped: Condition | None = Field(
        default=None, description="the warehouse scrapped a unit of the line"
    )
    unknown_condition: Condition | None = Field(
        default=None, description="the warehouse named no stock action, or one nobody told us of"
    )


class ExtraRules(Frozen):
    """Rows about goods beyond the open lines; a row that is not set is the preset's."""

    over: Extra | None = Field(
        default=None, description="more units of a line's SKU than were announced"
    )
    duplicate: Extra | None = Field(
        default=None, description="units of a SKU all of whose lines are finished"
    )
    wrong_sku: Extra | None = Field(
        default=None, description="a SKU that no line of the return has"
    )
    unidentified: Extra | None = Field(default=None, description="goods without a SKU")


class Limits(Frozen):
    """What the hub may process by itself; above it a person decides."""

    most_units: WholeUnits | None = Field(default=None, description="units in one process call")
    most_money: Decimal | None = Field(
        default=None,
        gt=0,
        max_digits=12,
        description="what the return is worth to the customer, in `currency`",
    )
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="ISO 4217")
    above: Person = "ask"

    @model_validator(mode="after")
    def _money_has_a_currency(self) -> Self:
        if (self.most_money is None) != (self.currency is None):
            raise ValueError("most_money and currency go together")
        return self


class Matching(Frozen):
    """How received SKUs are matched to the return's lines, beyond the same SKU."""

    aliases: dict[Sku, Sku] = Field(
        default_factory=dict, description="SKU of the warehouse -> SKU of the shop"
    )
    barcodes: bool = Field(
        default=False,
        description="compare barcodes when no SKU fits; those of 7 characters or fewer never",
    )
    bundles: dict[Sku, dict[Sku, WholeUnits]] = Field(
        default_factory=dict,
        description="bill of materials: SKU of a bundle -> its components and their units",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for bundle, components in self.bundles.items():
            if not components:
                raise ValueError(f"the bundle {bundle} has no components")
            if bundle in components or any(part in self.bundles for part in components):
                raise ValueError(f"the bundle {bundle} holds a bundle; name its single goods")
        for warehouse, shop in self.aliases.items():
            if shop in self.aliases:
                raise ValueError(f"the alias {warehouse} leads to {shop}, which is an alias too")
        return self


PRESETS: dict[str, dict[str, str]] = {
    "standard": {
        "match": "process",
        "short": "flag",
        "missing": "hold",
        "damaged": "process",
        "scrapped": "process",
        "unknown_condition": "process",
        "over": "go_on",
        "duplicate": "go_on",
        "wrong_sku": "flag",
        "unidentified": "flag",
    },
    "strict": {
        "match": "process",
        "short": "flag",
        "missing": "flag",
        "damaged": "flag",
        "scrapped": "flag",
        "unknown_condition": "flag",
        "over": "flag",
        "duplicate": "flag",
        "wrong_sku": "flag",
        "unidentified": "flag",
    },
    "pay-what-arrived": {
        "match": "process",
        "short": "process_share",
        "missing": "hold",
        "damaged": "process_no_restock",
        "scrapped": "process_no_restock",
        "unknown_condition": "process_no_restock",
        "over": "go_on",
        "duplicate": "go_on",
        "wrong_sku": "go_on",
        "unidentified": "flag",
    },
    "ask": {
        "match": "process",
        "short": "ask",
        "missing": "ask",
        "damaged": "ask",
        "scrapped": "ask",
        "unknown_condition": "ask",
        "over": "ask",
        "duplicate": "ask",
        "wrong_sku": "ask",
        "unidentified": "ask",
    },
    "marketplace": {
        "match": "process",
        "short": "ask",
        "missing": "hold",
        "damaged": "reject",
        "scrapped": "reject",
        "unknown_condition": "ask",
        "over": "go_on",
        "duplicate": "go_on",
        "wrong_sku": "ask",
        "unidentified": "ask",
    },
}
"""Preset -> row -> action. Every preset has every row."""


class Confirm(Frozen):
    """What a person confirms before the hub does what the table says.

    The return is put before a person with what the hub proposes; what they answer is done.
    """

    processing: Literal["never", "unless_matched", "always"] = Field(
        default="never",
        description="lines to be processed: unless_matched lets those returns pass whose every "
        "line matches, in good condition and with no other goods",
    )
    rejecting: Annotated[bool, Strict()] = Field(default=False, description="lines to be rejected")


class Policy(Frozen):
    """What is done about what arrived."""

    preset: Preset = Field(
        default="standard", description="gives every row that `lines` and `extras` leave out"
    )
    lines: LineRules = LineRules.model_construct()
    extras: ExtraRules = ExtraRules.model_construct()
    complete_when: Complete = Field(
        default=Complete.EACH_LINE,
        description="process each line as it comes, or nothing until all shipments are confirmed",
    )
    wait_seconds: int = Field(
        default=0,
        ge=0,
        le=30 * 24 * 3600,
        description="time between the warehouse's confirmation and the first act",
    )
    hold_hours: int = Field(
        default=24 * 14,
        ge=1,
        le=24 * 30,
        description="how long `hold` lasts at most, from the warehouse's confirmation on",
    )
    after_hold: Person = Field(default="flag", description="what follows when a hold ends")
    limits: Limits = Limits.model_construct()
    confirm: Confirm = Confirm.model_construct()
    reject_reasons: dict[RejectRow, RejectReason] = Field(
        default_factory=dict,
        description="row of `lines` -> what a portal that takes reasons (Miinto) is told of a "
        "rejected line, unless the person who answered said why",
    )
    note_differences: bool = Field(
        default=True,
        description="tell SKU, expected and received in the portal when a difference is processed",
    )
    matching: Matching = Matching.model_construct()

    def line_action(self, row: str) -> LineAction:
        """The action of a row about lines, e.g. ``short``."""
        return LineAction(getattr(self.lines, row) or PRESETS[self.preset][row])

    def extra_action(self, row: str) -> ExtraAction:
        """The action of a row about other goods, e.g. ``wrong_sku``."""
        return ExtraAction(getattr(self.extras, row) or PRESETS[self.preset][row])

    def table(self) -> dict[str, str]:
        """Every row with the action that counts, overrides included."""
        rows: dict[str, str] = {row: self.line_action(row) for row in LineRules.model_fields}
        return rows | {row: self.extra_action(row) for row in ExtraRules.model_fields}

    def origin(self, row: str) -> Literal["preset", "override"]:
        """Whether the file says a row itself."""
        rules = self.lines if row in LineRules.model_fields else self.extras
        return "preset" if getattr(rules, row) is None else "override"

    @property
    def version(self) -> str:
        """Preset and digest: equal for policies that say the same, whatever the release.

        A setting that an earlier release did not have counts only where it says something.
        """
        silent = {
            name
            for name, nothing in (("confirm", Confirm()), ("reject_reasons", {}))
            if getattr(self, name) == nothing
        }
        told = self.model_dump_json(exclude={"lines", "extras", *silent}) + repr(
            sorted(self.table().items())
        )
        return f"{self.preset}@{hashlib.sha256(told.encode()).hexdigest()[:8]}"
