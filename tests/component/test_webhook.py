"""The real door behind the local API: what comes in is enqueued, and what must not is kept out."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.sender import Post, deliver
from bench.webhooks import drained, plan, run_in, url_of
from local.partners import SAMPLES, PartnerSimulators, partner_simulators
from local.world import LocalWorld, apply_merchants, local_world, set_sample_secrets
from returns_hub.adapters.loop.webhook import SIGNATURE_HEADER
from returns_hub.domain.merchant import Merchant
from tests.support.doors import TOKEN, loop_delivery, signature
from tests.support.erp_worlds import unleashed_block
from tests.support.loop_worlds import loop_file
from tests.support.unleashed_door import KEY, notice, signed
from tests.support.worlds import merchant_file

World = tuple[LocalWorld, PartnerSimulators]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    state = tmp_path_factory.mktemp("state")
    with (
        partner_simulators() as partners,
        local_world(partners=partners, speed=1, state=state) as made,
    ):
        set_sample_secrets(made)
        apply_merchants(made)
        yield made, partners


def ask(
    world: World,
    merchant: str = "example",
    body: bytes = b"{}",
    method: str = "POST",
    door: str = "",
    **headers: str,
) -> tuple[int, str]:
    parts = urlsplit(door or world[0].environment["REDO_WEBHOOK_URL"])
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    token = world[1].credentials["webhook_token"]
    shown = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
    try:
        connection.request(method, f"{parts.path}/{merchant}", body, shown)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_two_seconds_of_deliveries_and_nothing_is_lost_or_done_twice(world: World) -> None:
    outcome = run_in(*world, seconds=2.5, rate=40, tell_again=True)

    assert outcome.refused == []
    assert outcome.let_in == 0
    assert outcome.missing == []
    assert outcome.twice == []
    assert len(outcome.posts) == 100
    assert len(outcome.made) > 20
    assert world[0].waiting("ApprovedReturnsDeadLetterQueue") == 0


def test_the_same_delivery_a_hundred_times_at_once_makes_one_external_return(world: World) -> None:
    posts, (return_id,) = plan(1, 1.0, world[1], seed=9)
    same = [Post("again", 0.0, posts[0].headers, posts[0].body, return_id)] * 100

    answers = deliver(url_of(world[0]), same)

    assert Counter(answer.status for answer in answers) == {202: 100}
    drained(world[0])
    rows = [row for made in world[1].mintsoft.returns.values() for row in made.rows]
    assert sum(return_id in row.comments for row in rows) == 1
    assert len(world[1].redo.comments[return_id]) == 1


def test_what_must_not_come_in_does_not(world: World) -> None:
    made, partners = world
    before = sum((partners.redo.calls.counts + partners.mintsoft.calls.counts).values())
    answers = {
        "wrong token": ask(world, Authorization="Bearer " + "x" * 48),
        "no token": ask(world, Authorization=""),
        "no such merchant": ask(world, merchant="nobody"),
        "path trick": ask(world, merchant="..%2fexample"),
        "way out": ask(world, merchant="../redo/example"),
        "GET": ask(world, method="GET"),
        "10 MB": ask(world, body=b" " * (11 << 20)),
        "large": ask(world, body=b" " * (3 << 20)),
        "deep": ask(world, body=b"[" * 100_000),
        "html": ask(world, body=b"<html>", **{"Content-Type": "text/html"}),
        "no return": ask(world, body=b'{"return": {}}'),
    }

    assert {name: status for name, (status, _) in answers.items()} == {
        "wrong token": 401,
        "no token": 401,
        "no such merchant": 401,
        "path trick": 401,
        "way out": 404,
        "GET": 404,
        "10 MB": 413,
        "large": 413,
        "deep": 400,
        "html": 415,
        "no return": 200,
    }
    told = {answers[name][1] for name in ("wrong token", "no token", "no such merchant")}
    assert len(told) == 1
    assert made.waiting("ApprovedReturnsQueue") == 0
    after = sum((partners.redo.calls.counts + partners.mintsoft.calls.counts).values())
    assert after == before
    codes = {item.code for item in made.hub.parking.list_parked("example")}
    assert codes >= {
        "webhook.too_large",
        "webhook.not_json",
        "webhook.content_type",
        "webhook.no_return",
    }


def test_a_signed_delivery_of_loops_is_taken_and_an_altered_one_is_not(world: World) -> None:
    made, _ = world
    content = loop_file()
    content["merchant"] = "example-loop"
    made.hub.merchants.apply(Merchant.model_validate(content), "test", after=0)
    made.hub.secrets.write("example-loop", "loop-webhook", {"webhook_secret": TOKEN})
    body = json.dumps(loop_delivery(topic="giftcard")).encode()
    signed = {"Authorization": "", SIGNATURE_HEADER: signature(body, TOKEN)}
    loop = made.loop_webhook_url

    assert ask(world, "example-loop", body, door=loop, **signed)[0] == 200
    assert ask(world, "example-loop", body + b" ", door=loop, **signed)[0] == 401
    assert ask(world, "example-loop", body, door=loop)[0] == 401
    assert ask(world, "example", body, door=loop, **signed)[0] == 401
    assert ask(world, "example-loop", body, **signed)[0] == 401
    assert ask(world, "example-loop", b"[" * 100_000, door=loop)[0] == 401
    assert ask(world, "example-loop", b" " * (11 << 20), door=loop)[0] == 413
    assert ask(world, "example-loop", method="GET", door=loop)[0] == 404
    assert made.waiting("ApprovedReturnsQueue") == 0


def test_a_signed_delivery_of_unleasheds_is_taken_once_and_an_altered_one_is_not(
    world: World,
) -> None:
    made, _ = world
    content = merchant_file(unleashed=unleashed_block(webhooks={"enabled": True}))
    content["merchant"] = "example-erp"
    # In shadow: what comes of the message is other tests'.
    content["unleashed"]["orders"] = {"mode": "shadow"}
    made.hub.merchants.apply(Merchant.model_validate(content), "test", after=0)
    made.hub.secrets.write("example-erp", "unleashed-webhook", {"signature_key": KEY})
    door = made.environment["UNLEASHED_WEBHOOK_URL"]
    body = json.dumps(notice()).encode()

    def shown(ago: float = 0.0) -> dict[str, str]:
        stamp = str(int(time.time() - ago))
        names = ("Authorization", "x-unleashed-timestamp", "x-unleashed-signature")
        return dict(zip(names, ("", stamp, signed(body, stamp)), strict=True))

    def post(headers: dict[str, str], content: bytes = body) -> tuple[int, str]:
        return ask(world, "example-erp", content, "POST", door, **headers)

    assert post(shown()) == (200, json.dumps({"outcome": "queued"}))
    assert post(shown()) == (200, json.dumps({"outcome": "repeated"}))
    assert post(shown(), body + b" ")[0] == 401
    assert post(shown(ago=400))[0] == 401
    assert post({})[0] == 401
    assert ask(world, "example", body, "POST", door, **shown())[0] == 401
    assert made.hub.deliveries().watched("example-erp", "orders").delivered == 1


def test_the_sample_delivery_is_taken(world: World) -> None:
    sample = (SAMPLES / "delivery.json").read_bytes()
    assert ask(world, body=sample) == (202, json.dumps({"outcome": "queued"}))


def test_the_world_tells_where_the_door_is(world: World, tmp_path: Path) -> None:
    assert world[0].hub.settings.redo_webhook_url.endswith("/webhooks/redo")
    assert world[0].loop_webhook_url.endswith("/webhooks/loop")
