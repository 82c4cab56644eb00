"""Rules that any template of the hub has to keep, each a function from the translated template to
its objections: none is good. `test_rules` holds template.yaml to them, `test_faults` holds each of
them to the fault that it is there for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.template.rules import data, functions, privileges, queues

Rule = Callable[[dict[str, Any]], Iterator[str]]

RULES: tuple[Rule, ...] = (
    queues.dead_letters_are_kept_longer_and_watched,
    queues.events_report_failures_within_limits,
    queues.only_over_tls,
    functions.are_bounded_and_logged,
    functions.asynchronous_calls_are_bounded,
    functions.schedules_are_bounded,
    functions.alarms_tell_their_topic,
    privileges.no_star,
    privileges.managed_policies_are_known,
    privileges.permissions_name_their_source,
    privileges.the_key_is_used_through_services,
    data.is_under_the_data_key,
    data.tables_are_recoverable_and_kept,
    data.the_key_turns_and_is_kept,
    data.the_bucket_is_private_and_over_tls,
    data.no_secret_is_told,
)
