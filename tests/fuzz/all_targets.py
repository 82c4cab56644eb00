"""Every entry of the hub that is fuzzed."""

from __future__ import annotations

from tests.fuzz.door import DOOR
from tests.fuzz.drift_targets import DRIFT_TARGETS
from tests.fuzz.feed_targets import FEED_TARGETS
from tests.fuzz.file_targets import FILE_TARGETS
from tests.fuzz.goods_targets import GOODS_TARGETS
from tests.fuzz.loop_targets import LOOP_TARGETS
from tests.fuzz.market_targets import MARKET_TARGETS
from tests.fuzz.message_targets import MESSAGE_TARGETS
from tests.fuzz.miinto_targets import MIINTO_TARGETS
from tests.fuzz.mintsoft_targets import MINTSOFT_TARGETS
from tests.fuzz.order_change_targets import ORDER_CHANGE_TARGETS
from tests.fuzz.order_targets import ORDER_TARGETS
from tests.fuzz.redo_targets import REDO_TARGETS
from tests.fuzz.relay_targets import RELAY_TARGETS
from tests.fuzz.targets import Target
from tests.fuzz.unleashed_door import UNLEASHED_DOOR
from tests.fuzz.unleashed_flow_targets import FLOW_TARGETS
from tests.fuzz.unleashed_making_targets import MAKING_TARGETS
from tests.fuzz.unleashed_targets import UNLEASHED_TARGETS
from tests.fuzz.wair_targets import WAIR_TARGETS
from tests.fuzz.widget_targets import WIDGET_TARGETS

TARGETS: tuple[Target, ...] = (
    *MESSAGE_TARGETS,
    *FILE_TARGETS,
    *REDO_TARGETS,
    *MINTSOFT_TARGETS,
    *LOOP_TARGETS,
    *ORDER_TARGETS,
    *MIINTO_TARGETS,
    *MARKET_TARGETS,
    *DOOR,
    *UNLEASHED_DOOR,
    *UNLEASHED_TARGETS,
    *FLOW_TARGETS,
    *MAKING_TARGETS,
    *GOODS_TARGETS,
    *WAIR_TARGETS,
    *ORDER_CHANGE_TARGETS,
    *RELAY_TARGETS,
    *FEED_TARGETS,
    *DRIFT_TARGETS,
    *WIDGET_TARGETS,
)


def target_of(name: str) -> Target:
    """The target of that name.

    Raises:
        KeyError: There is none.
    """
    return {target.name: target for target in TARGETS}[name]
