"""A crash at every single I/O of a return's way, before and, where it changed anything, after it.

The real flows and adapters run; nothing else goes wrong. Whatever the moment: one external return
for each shipment, no line processed twice, no comment twice, and an ending that somebody can see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.simulation.checker import check
from tests.simulation.environment import Power
from tests.simulation.plans import OperatorPlan, WebhookPlan
from tests.simulation.scenario import STARTS, Line, ReturnPlan, Scenario
from tests.simulation.story import story
from tests.simulation.world import Simulation

TWO_SHIPMENTS = ReturnPlan(
    number=1,
    merchant="alpha",
    approved_at=10.0,
    lines=(Line("TEE", group="a"), Line("MUG", group="b")),
    message_delays=(0.1,),
    with_body=False,
    received=((60.0, None),),
)
PLAIN = Scenario(seed=1, start=STARTS[0], returns=(TWO_SHIPMENTS,), faults_end=900.0)
WAYS = {
    "matched": PLAIN,
    "matched, look-up unproven": replace(PLAIN, proven=False),
    "unmatched": replace(
        PLAIN, returns=(replace(TWO_SHIPMENTS, received=((60.0, (("CAP", 1),)),)),)
    ),
    "closed while one parcel is on its way, and reopened": replace(
        PLAIN,
        watched=True,
        returns=(
            replace(
                TWO_SHIPMENTS,
                received=((500.0, None),),
                team_is_heard=True,
                closed_by_team_at=200.0,
                closed_as="rejected",
                reopened_at=1300.0,
            ),
        ),
        faults_end=1800.0,
    ),
    "with a login and a list": replace(PLAIN, authentication="login", returns_list="honoured"),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_crash_at_any_io_does_nothing_twice_and_loses_nothing(way: Scenario) -> None:
    power = Power()
    whole = check(Simulation(way, power).run())
    assert whole.holds, whole
    ios = power.count
    assert ios > 60

    endings: Counter[str] = Counter()
    for at in range(1, ios + 1):
        for after in (False,) if at in power.reads else (False, True):
            run = Simulation(way, Power(at, after=after)).run()
            verdict = check(run)
            where = f"crash {'after' if after else 'before'} I/O {at} of {ios}"
            assert verdict.holds, f"{where}\n{story(run, verdict)}"
            endings += verdict.endings
    # A crash costs a person's look only where nobody can know whether a write was carried out.
    assert endings["parked"] < 0.1 * endings.total(), endings


ONE_LINE = replace(TWO_SHIPMENTS, lines=(Line("TEE", quantity=2),), received=())
SHORT = replace(ONE_LINE, received=((60.0, (("TEE", 1),)),))
BY_WEBHOOK = replace(
    PLAIN,
    webhook=WebhookPlan(harms=((1200.0, "lost"),)),
    returns=(
        replace(ONE_LINE, approved_at=1000.0, message_delays=()),
        replace(ONE_LINE, number=2, approved_at=1300.0, message_delays=()),
    ),
    faults_end=1500.0,
)
ASKED = replace(
    PLAIN,
    policy={"preset": "ask"},
    operator=OperatorPlan(),
    returns=(SHORT,),
    replays_at=(800.0,),
)
HELD = replace(
    PLAIN,
    policy={"lines": {"short": "hold"}, "hold_hours": 1, "after_hold": "flag"},
    returns=(SHORT,),
)
STRETCHES = {
    "a delivery, and the repair of a subscription that somebody deleted": (BY_WEBHOOK, 990.0),
    "a question and its answer": (ASKED, 90.0),
    "a hold that ends": (HELD, 3600.0),
}


class Stretch(Simulation):
    """A run that notes how many I/Os it had made at a moment."""

    def __init__(self, way: Scenario, power: Power, begins: float) -> None:
        super().__init__(way, power)
        self.first = 1
        self.scheduler.after(begins, lambda: self._begin(power))

    def _begin(self, power: Power) -> None:
        self.first = power.count + 1


@pytest.mark.parametrize(("way", "begins"), STRETCHES.values(), ids=STRETCHES.keys())
def test_a_crash_at_any_io_of_a_stretch_loses_nothing(way: Scenario, begins: float) -> None:
    power = Power()
    calm = Stretch(way, power, begins)
    whole = check(calm.run())
    assert whole.holds, whole
    ios = range(calm.first, power.count + 1)
    assert len(ios) > 30

    endings: Counter[str] = Counter()
    for at in ios:
        for after in (False,) if at in power.reads else (False, True):
            run = Simulation(way, Power(at, after=after)).run()
            verdict = check(run)
            where = f"crash {'after' if after else 'before'} I/O {at} of {power.count}"
            assert verdict.holds, f"{where}\n{story(run, verdict)}"
            endings += verdict.endings
    # Each ends as without a crash, but for what a person has to look at, as above.
    assert set(endings) <= {*whole.endings, "parked"}
    assert endings["parked"] < 0.1 * endings.total(), endings
