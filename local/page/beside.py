"""The page beside a running world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local.cloudwatch.watch import CloudWatch
from local.page.board import Board
from local.page.custom import CustomWidgets
from local.page.layout import dashboard_of
from local.page.server import USUAL_PORT, PageServer
from local.world import LocalWorld


def board_of(world: LocalWorld, cloudwatch: CloudWatch) -> Board:
    """The dashboard of a world's template over what was published there.

    Raises:
        LocalStackError: CloudWatch would refuse the dashboard.
    """
    dashboard = dashboard_of(world.stack)
    names = {
        str(world.stack.resolve({"Fn::GetAtt": [name, "Arn"]})): name
        for name in world.stack.functions()
    }
    return Board(
        dashboard=dashboard,
        metrics=cloudwatch.metrics,
        alarms=cloudwatch.alarms,
        custom=CustomWidgets(dashboard, world.host, names),
        moment=cloudwatch.clock.moment,
        speed=cloudwatch.clock.speed,
        problems=lambda: problems_of(cloudwatch),
    )


def problems_of(cloudwatch: CloudWatch) -> list[str]:
    """Sentences about what was published and not taken, newest counts first."""
    broken = cloudwatch.logs.problems.most_common()
    sentences = [
        f"{function}: {count} metric line{'s' if count > 1 else ''} refused, {why}"
        for (function, why), count in broken
    ]
    if cloudwatch.metrics.dropped:
        sentences.append(
            f"{cloudwatch.metrics.dropped} values dropped: there are too many different metrics"
        )
    return sentences + [f"a look failed: {failure}" for failure in cloudwatch.failures[-1:]]


@contextmanager
def page_beside(
    world: LocalWorld, cloudwatch: CloudWatch, *, port: int = USUAL_PORT
) -> Iterator[PageServer]:
    """The page, for as long as this lasts.

    Raises:
        LocalStackError: CloudWatch would refuse the dashboard.
    """
    server = PageServer(board_of(world, cloudwatch), port=port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
