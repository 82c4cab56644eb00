"""What `hub check` proved about the RMA contract, and of which contract it was proven.

No source tells how Miinto's RMA calls look; the merchant's file does, by a guess until Miinto has
said it. Before RMAs are announced or decided live, reads alone have to have shown that the list and
the body of an RMA are what the file says. Another address, version or contract needs a new proof.
"""

from __future__ import annotations

import hashlib
import json

from pydantic import Field

from returns_hub.domain.base import Frozen, UtcTime
from returns_hub.domain.file_types import Mode
from returns_hub.domain.miinto.settings import MiintoConnection

READ_BY = ("listing", "reading", "words", "fields", "position", "lists", "types")
"""Parts of the contract that a read can prove; a decision's body it cannot."""


class RmaProof(Frozen):
    """The outcome of the newest check that could tell."""

    contract: str = Field(description="`contract_of` the file that was checked")
    proven: bool
    at: UtcTime
    why: str = Field(default="", description="what is not as the file says, for people")
    unknown_words: tuple[str, ...] = Field(
        default=(), description="statuses that the file does not list; no decision is made on them"
    )


def contract_of(connection: MiintoConnection) -> str:
    """A digest of all that a read of RMAs stands on."""
    told = connection.rma.contract.model_dump(mode="json", include=set(READ_BY))
    whole = {"url": connection.order_url, "version": connection.version, **told}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def is_proven(connection: MiintoConnection, proof: RmaProof | None) -> bool:
    """Whether the proof is of this file's contract, and a good one."""
    return proof is not None and proof.proven and proof.contract == contract_of(connection)


def is_live(connection: MiintoConnection) -> bool:
    """Whether RMAs are to be announced or decided live."""
    return Mode.LIVE in {connection.rma.announce.mode, connection.rma.decide.mode}
