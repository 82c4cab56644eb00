"""Keys of webhooks are compared in constant time, whatever came."""

from __future__ import annotations

import ast
import hmac
from datetime import UTC, datetime

import pytest

from local.stack import ROOT
from returns_hub.adapters.loop.webhook import SIGNATURE
from returns_hub.adapters.unleashed.webhooks import SIGNATURE as UNLEASHED
from returns_hub.domain.webhooks import BEARER_TOKEN, Proof, WebRequest

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "a-key-of-thirty-two-characters-00"
PROOFS = {"bearer": BEARER_TOKEN, "loop": SIGNATURE, "unleashed": UNLEASHED}
SHOWN = ("x", "Bearer x", "Basic x", f"Bearer {KEY[:-1]}", f"{KEY}x", "é", "\ud800", "=" * 9000)


@pytest.mark.parametrize("name", PROOFS)
@pytest.mark.parametrize("shown", SHOWN, ids=lambda text: ascii(text)[:20])
def test_a_key_is_compared_in_constant_time_whatever_came(
    name: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof: Proof = PROOFS[name]
    compared: list[int] = []
    compare = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append(1)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    request = WebRequest(
        method="POST",
        merchant="example",
        authorization=shown,
        signature=shown,
        body=b"{}",
        timestamp=str(int(NOW.timestamp())),
        came_at=NOW,
    )
    assert proof.holds(request, KEY) is False
    assert compared == [1]


def test_no_secret_is_compared_with_an_equals_sign() -> None:
    """In the modules that hold keys of doors."""
    adapters = ROOT / "layers/shared/returns_hub"
    for path in (
        adapters / "domain/webhooks.py",
        adapters / "adapters/loop/webhook.py",
        adapters / "adapters/unleashed/webhooks.py",
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                sides = ast.unparse(node)
                assert not any(word in sides for word in ("token", "digest", "secret", "given")), (
                    sides
                )
