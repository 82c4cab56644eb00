"""The sample merchants: their files and secrets, put where a hub looks for them; sample returns."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from cli.merchant_files import read_merchant_file
from local.partners import SAMPLES, PartnerSimulators, channel_secret
from local.stack import ROOT, LocalStackError
from returns_hub.bootstrap import Hub

MERCHANTS = ROOT / "local" / "merchants"
COMPANIES = {"example": "Example Fashion", "outlet": "Example Outlet"}
"""Merchant -> its company at Unleashed, in samples/world.json."""
WAIR_USER = "hub-example"


def apply_files(hub: Hub, partners: PartnerSimulators | None, folder: Path) -> list[str]:
    """Apply every merchant file of a folder; their ids.

    Raises:
        LocalStackError: A file is not a merchant's.
    """
    addresses = partners.addresses if partners else {}
    applied = []
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        for partner, address in addresses.items():
            text = text.replace(f"{{{partner}}}", address)
        with tempfile.TemporaryDirectory() as made:
            (copy := Path(made) / path.name).write_text(text, encoding="utf-8")
            reading = read_merchant_file(copy)
        if reading.merchant is None:
            problem = reading.errors[0]
            raise LocalStackError(f"{path}:{problem.line}: {problem.where} {problem.text}")
        hub.merchants.apply(reading.merchant, "local stack", after=0)
        applied.append(reading.merchant.merchant)
    if not applied:
        raise LocalStackError(f"{folder} holds no merchant file (*.yaml)")
    return applied


def sample_secrets(hub: Hub, partners: PartnerSimulators) -> None:
    """The simulators' credentials for the example merchants."""
    given = partners.credentials
    for merchant in ("example", "outlet"):
        hub.secrets.write(merchant, "redo", {"api_token": given["redo_token"]})
        hub.secrets.write(merchant, "redo-webhook", {"token": given["webhook_token"]})
    hub.secrets.write("example", "mintsoft", {"api_key": given["mintsoft_key"]})
    login = {"username": "hub-outlet", "password": given["mintsoft_password"]}
    hub.secrets.write("outlet", "mintsoft", login)
    hub.secrets.write("example", "miinto", miinto_login(partners))
    hub.secrets.write("example", "unleashed", unleashed_key(partners))
    hub.secrets.write("outlet", "unleashed", unleashed_key(partners, "outlet"))
    login = {"username": WAIR_USER, "password": given["wair_password"]}
    hub.secrets.write("example", "wair", login)
    hub.secrets.write("example", "channel", channel_secret(given))


def miinto_login(partners: PartnerSimulators) -> dict[str, str]:
    """The sample login at Miinto, as the hub keeps it."""
    (identifier,) = partners.miinto.auth.accounts
    return {"identifier": identifier, "secret": partners.credentials["miinto_secret"]}


def unleashed_key(partners: PartnerSimulators, merchant: str = "example") -> dict[str, str]:
    """The key pair of a merchant's company at Unleashed, as the hub keeps it."""
    desks = partners.unleashed.desks.values()
    (found,) = [one.company for one in desks if one.company.name == COMPANIES[merchant]]
    return {"api_id": found.api_id, "api_key": found.api_key}


def sample_files() -> list[dict[str, Any]]:
    """Every sample return, in the order of their names."""
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((SAMPLES / "returns").glob("*.json"))
    ]
