"""What no source tells of Miinto: settings, whose defaults are a first guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Settings:
    """Settings, in the order of the services. Seconds are of the simulator's clock; 0 is never.

    Attributes:
        channel_seconds: How long a channel lasts.
        expired_status: HTTP status of the failure that an ended channel gets.
        login_ends_old: Whether a login ends the account's older channels.
        login_failure_status: HTTP status of the failure that a wrong password gets.
        skew_seconds: How far a timestamp may be from the clock.
        seed_once: Whether a timestamp and seed are taken only once in a channel.
        empty_map: How an empty map is written; PHP writes a list.
        versions: Values of ``Miinto-Api-Control-Version`` that the order service takes.
        rma_since: The first of them that knows RMAs.
        conflict_status: HTTP status when something was decided before, expired, or went elsewhere.
        invalid_status: HTTP status of what is wrong in itself.
        offer_seconds: How long an offer stands.
        numbers: Whether ids are counted for each market or once for all.
        transfer_read: Whether one transfer can be read; no source shows it.
        price_is: What ``price`` of a position says. Money is in minor units.
        currency_case: How a currency is written.
        gtins: Whether items show their GTIN.
        label_field: Where an order shows the address of its label, with dots; empty for nowhere.
        returned_quantity: What a position of an order shows after its RMA was accepted.
        tracking_method: How tracking is told; empty for no such call.
        tracking_path: Its path, with ``{shop}`` and ``{order}``.
        tracking_provider: The field with the shipping provider's id.
        tracking_number: The field with the number.
        tracking_positions: The list of positions that carry both; empty: the order itself does.
        tracking_shown: Whether the order shows afterwards what was told.
        largest_page: The most rows of one page.
        over_limit: What a greater ``limit`` gets.
        unsorted: The order of a list that is not asked for one.
        list_order: ``shifting`` moves each page's beginning by one; ``shuffled`` has no order.
        list_duplicates: Whether a list has every seventh row twice.
        total_count: Whether ``totalItemCount`` is told.
        filter_heeded: Whether lists heed the wanted states.
        unknown_variant: What a stock row of no known variant does to its request.
        stock_batch: The most rows of one request; 0 for any number.
        feed_user: Basic authentication of the feed, with `feed_password`; empty for none.
        rma_dialect: How the RMA calls look.
        rma_access: Whether the login may use them, or whether they are there at all.
        mixed_rma: The state of an RMA with accepted and declined positions.
        order_position_ids: Whether an RMA's position names the order's position.
        reason_required: Whether declining takes a reason.
        request_accepted: What becomes of a request of the merchant's.
        request_seconds: How long `request_accepted` ``later`` takes.
        second_request: What another request for the same positions gets.
        requests_listed: Whether the list of RMAs has the merchant's requests.
        refund_seconds: From acceptance to Miinto's refund; 0 is at once.
        held: Writes that `holds_decisions` concerns: ``transfer``, ``rma``, ``request``,
            ``tracking``, ``stock``.
        holds_decisions: What becomes of a held write, whose answer is a lost connection: done, not
            done, done `held_seconds` later, or one of these by the dice.
        held_seconds: How much later.
    """

    channel_seconds: float = 3600.0
    expired_status: Literal[200, 401] = 401
    login_ends_old: bool = False
    login_failure_status: Literal[200, 401, 403] = 200
    skew_seconds: float = 300.0
    seed_once: bool = False
    empty_map: Literal["list", "object"] = "list"
    versions: tuple[str, ...] = ("2.2", "2.3", "2.4", "2.5", "2.6")
    rma_since: str = "2.5"
    conflict_status: Literal[200, 409] = 200
    invalid_status: Literal[200, 400, 422] = 400
    offer_seconds: float = 0.0
    numbers: Literal["per_market", "global"] = "per_market"
    transfer_read: bool = False
    price_is: Literal["unit", "line"] = "unit"
    currency_case: Literal["upper", "lower", "title"] = "upper"
    gtins: bool = True
    label_field: str = ""
    returned_quantity: Literal["kept", "zero"] = "kept"
    tracking_method: Literal["", "PATCH", "POST", "PUT"] = "PATCH"
    tracking_path: str = "/shops/{shop}/orders/{order}"
    tracking_provider: str = "shippingProviderId"
    tracking_number: str = "trackAndTrace"
    tracking_positions: str = ""
    tracking_shown: bool = True
    largest_page: int = 100
    over_limit: Literal["cap", "refuse"] = "cap"
    unsorted: Literal["newest", "oldest"] = "newest"
    list_order: Literal["steady", "shifting", "shuffled"] = "steady"
    list_duplicates: bool = False
    total_count: bool = True
    filter_heeded: bool = True
    unknown_variant: Literal["refuse_all", "skip"] = "refuse_all"
    stock_batch: int = 0
    feed_user: str = ""
    feed_password: str = ""
    rma_dialect: Literal["a", "b"] = "a"
    rma_access: Literal["granted", "forbidden", "absent"] = "granted"
    mixed_rma: Literal["accepted", "declined", "mixed"] = "accepted"
    order_position_ids: bool = True
    reason_required: bool = False
    request_accepted: Literal["at_once", "later", "never"] = "later"
    request_seconds: float = 60.0
    second_request: Literal["accepted", "refused"] = "accepted"
    requests_listed: bool = True
    refund_seconds: float = 0.0
    held: tuple[str, ...] = ("rma",)
    holds_decisions: Literal["no", "done", "lost", "late", "either"] = "no"
    held_seconds: float = 20.0
