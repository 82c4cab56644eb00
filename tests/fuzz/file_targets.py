"""The merchant's file, as the command reads it and as it is stored."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from cli.merchant_files import read_merchant_file
from returns_hub.domain.merchant import Merchant
from tests.fuzz.mutations import CANARIES
from tests.fuzz.targets import ROOT, Refused, Target, Wrong, as_json, checked_reason, writable
from tests.support import worlds
from tests.support.loop_worlds import loop_file

_SECRET_PLACES = re.compile(r"""(?m)["']?(?:secret|base_url)["']?\s*:\s*["']?[^\s"',}]*""")
_DIRECTORY = TemporaryDirectory(prefix="merchant-files-")


def scratch_file(name: str) -> Path:
    """Where a case may write a file; the next one overwrites it."""
    return Path(_DIRECTORY.name) / name


def merchant_file(data: bytes) -> Merchant:
    """A merchant's file, as the command reads it; every problem is one short printable line."""
    path = scratch_file("merchant.yaml")
    path.write_bytes(data)
    reading = read_merchant_file(path)
    said = tuple(f"{problem.where} {problem.text}".strip() for problem in reading.problems)
    hidden = CANARIES[2] not in _SECRET_PLACES.sub("", data.decode("utf-8", "replace"))
    for text in said:
        checked_reason(text, "merchant file")
        if hidden and CANARIES[2] in text:
            raise Wrong("a problem shows what may be a secret", text[:200])
    if reading.merchant is None:
        if not reading.errors:
            raise Wrong("a file is refused without a word", "")
        raise Refused(said[0][:60], said)
    _plausible(reading.merchant)
    return reading.merchant


def merchant_model(data: bytes) -> Merchant:
    """The model alone, as versions stored by another release are read."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None
    try:
        merchant = Merchant.model_validate(content)
    except ValidationError as error:
        raise Refused(error.errors()[0]["type"]) from None
    _plausible(merchant)
    return merchant


def _plausible(merchant: Merchant) -> None:
    writable(merchant)
    if Merchant.model_validate_json(merchant.model_dump_json()) != merchant:
        raise Wrong("a merchant changes when it is stored", merchant.merchant)
    live_from = merchant.live_from
    if live_from and live_from.year < 2000:
        # A number that was meant as a date: everything since then would be announced.
        raise Wrong("live_from is read as a moment that nobody wrote", str(live_from))
    for connection in (merchant.portal_connection, merchant.mintsoft):
        url = connection.base_url
        if not url.isprintable() or " " in url:
            raise Wrong("a base URL holds what no URL holds", ascii(url[:100]))


EXAMPLE = (ROOT / "config" / "example.yaml").read_text()
LOOP_EXAMPLE = (ROOT / "config" / "example-loop.yaml").read_text()
WAIR_EXAMPLE = (ROOT / "config" / "example-wair.yaml").read_text()
FED_FILE = worlds.merchant_file(
    wair={
        "sink": "file_csv",
        "folder": "feeds",
        "locations": [{"id": "WH-1", "warehouses": [3]}],
        "skus": {"pattern": "^(?P<item>.+?)-(?P<size>[^-]+)$", "sizes": ["S", "M"]},
        "data_sets": {"stock": {"mode": "shadow", "fields": {"on_hand": "quantity"}}},
        "order_context": [{"name": "WairRecommendation", "pattern": "wair:([A-Za-z0-9-]+)"}],
    },
    despatch_relay={
        "mode": "shadow",
        "channels": ["Shop"],
        "targets": [{"name": "shop", "url": "https://shop.example.test", "secret": "shop"}],
    },
    order_changes={"mode": "shadow", "cancel": True, "edit_suffix": "-\\d+"},
    bundles={"mode": "on", "bills": {"SOCK-3PK": {"SOCK": 3}}},
    drift={
        "stock_tolerance": {"units": 1, "percent": 2},
        "limit_value": "100.00",
        "look_back_days": 30,
    },
    lint={"longest_sku": 40, "allowed": "[A-Z0-9-]", "ignore": ["TEST-*", "lint.*: MUG"]},
)
"""With every block of stock intelligence, the relay and drift."""
LIVE = EXAMPLE.replace("# live_from", "live_from").replace("mode: shadow", "mode: live")

FILE_TARGETS: tuple[Target, ...] = (
    Target(
        "merchant-file",
        "yaml",
        merchant_file,
        (Merchant,),
        (
            EXAMPLE.encode(),
            LIVE.encode(),
            LOOP_EXAMPLE.encode(),
            WAIR_EXAMPLE.encode(),
            as_json(FED_FILE),
            as_json(worlds.merchant_file()),
        ),
        canaries=False,
    ),
    Target(
        "merchant-model",
        "json",
        merchant_model,
        (Merchant,),
        (as_json(worlds.merchant_file()), as_json(loop_file()), as_json(FED_FILE)),
        canaries=False,
    ),
)
