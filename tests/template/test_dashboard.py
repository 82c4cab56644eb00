"""Rules over the dashboard of template.yaml: its order, its figures, its prices."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from local.cloudwatch.expressions import MetricQuery, evaluate, graph_sampler
from local.cloudwatch.metrics import Metric, MetricStore
from local.cloudwatch.search import parsed_search
from tests.template.emitted import emitted
from tests.template.parts import of_type

WIDTH = 24
ORDER = (
    *("freshness", "summary"),
    "money_line",
    *("needs_person", "parked"),
    "dead_letters",
    "drift",
    *("recent_actions", "find"),
    "partners",
    "cost",
)
OURS = "ReturnsHub/${Stage}"
"""With the stage: two hubs in one account and region are shown apart."""
SECONDS_OF_GB, REQUEST = "0.0000133334", "0.0000002"
BY_AWS = {
    "AWS/Lambda": ("FunctionName", {"Duration", "Invocations", "Errors", "Throttles"}),
    "AWS/SQS": (
        "QueueName",
        {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    ),
}


@pytest.fixture
def body(resources: dict[str, Any]) -> dict[str, Any]:
    text = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    read: dict[str, Any] = json.loads(text)
    return read


@pytest.fixture
def widgets(body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body["widgets"]
    return found


def metrics_of(widgets: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[Any]]]:
    """Each row of each graph, beside its widget's properties."""
    return [
        (widget["properties"], row)
        for widget in widgets
        if widget["type"] == "metric"
        for row in widget["properties"]["metrics"]
    ]


def is_math(row: list[Any]) -> bool:
    """Whether a row is an expression, and no metric."""
    return isinstance(row[0], dict)


def options_of(row: list[Any]) -> dict[str, Any]:
    """A row's options."""
    options: dict[str, Any] = row[-1] if isinstance(row[-1], dict) else {}
    return options


def plain(row: list[Any]) -> tuple[str, str, dict[str, str], dict[str, Any]]:
    """Namespace, name, dimensions and options of a row that is a metric."""
    namespace, name, *pairs = [part for part in row if isinstance(part, str)]
    return namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)), options_of(row)


def test_it_is_named_as_the_stack(resources: dict[str, Any]) -> None:
    assert resources["Dashboard"]["Properties"]["DashboardName"] == {"Ref": "AWS::StackName"}
    assert "Condition" not in resources["Dashboard"]


def test_it_is_read_in_the_order_of_a_morning(widgets: list[dict[str, Any]]) -> None:
    in_place = sorted(widgets, key=lambda widget: (widget["y"], widget["x"]))
    assert in_place == widgets
    shown = [w["properties"]["params"]["widget"] for w in widgets if w["type"] == "custom"]
    assert tuple(shown) == ORDER


def test_every_place_is_taken_once(widgets: list[dict[str, Any]]) -> None:
    places = Counter(
        (column, line)
        for widget in widgets
        for column in range(widget["x"], widget["x"] + widget["width"])
        for line in range(widget["y"], widget["y"] + widget["height"])
    )
    height = 1 + max(line for _, line in places)
    assert set(places.values()) == {1}
    assert len(places) == WIDTH * height


def test_custom_widgets_ask_the_function_that_reads(widgets: list[dict[str, Any]]) -> None:
    for widget in widgets:
        properties = widget["properties"]
        if widget["type"] != "custom":
            continue
        assert properties["endpoint"] == "${OpsWidgetsFunction.Arn}"
        assert properties["updateOn"] == {"refresh": True, "resize": False, "timeRange": False}
        assert properties["title"]


def test_every_custom_widget_exists() -> None:
    from returns_hub.widgets.door import WIDGETS

    assert set(ORDER) == set(WIDGETS)


def test_every_figure_is_emitted_by_the_code_or_by_aws(widgets: list[dict[str, Any]]) -> None:
    for properties, row in metrics_of(widgets):
        if is_math(row):
            continue
        namespace, name, dimensions, _ = plain(row)
        if namespace != OURS:
            (dimension,) = dimensions
            assert BY_AWS[namespace][0] == dimension
            assert name in BY_AWS[namespace][1]
            continue
        assert dimensions.pop("service") == "returns-hub"
        assert frozenset(dimensions) in emitted().get(name, ()), (properties["title"], name)


def test_every_search_finds_what_the_code_emits(widgets: list[dict[str, Any]]) -> None:
    expressions = [row[0].get("expression", "") for _, row in metrics_of(widgets) if is_math(row)]
    searches = [found for text in expressions for found in re.findall(r"SEARCH\('([^']+)'", text)]
    assert len(searches) >= 8
    for text in searches:
        search = parsed_search(text)
        assert search.schema is not None
        namespace, *names = search.schema
        (name,) = (term.value for term in search.terms)
        assert namespace == OURS
        assert frozenset(names) - {"service"} in emitted().get(name, ()), name


def test_graphs_by_merchant_say_whether_there_is_anything_to_draw(
    widgets: list[dict[str, Any]],
) -> None:
    says = "MetricsByMerchant: ${MetricsByMerchant}"
    by_merchant = {
        properties["title"]
        for properties, row in metrics_of(widgets)
        if is_math(row)
        for text in re.findall(r"SEARCH\('([^']+)'", row[0]["expression"])
        if "merchant" in (parsed_search(text).schema or ())
    }
    graphs = {w["properties"]["title"] for w in widgets if w["type"] == "metric"}
    assert {title for title in graphs if says in title} == by_merchant
    assert len(by_merchant) == 4
    for properties, row in metrics_of(widgets):
        assert is_math(row) or "merchant" not in plain(row)[2], properties["title"]


def test_every_expression_is_one_that_cloudwatch_and_the_local_page_compute(
    widgets: list[dict[str, Any]],
) -> None:
    store = MetricStore()
    for widget in widgets:
        if widget["type"] != "metric":
            continue
        properties = widget["properties"]
        queries = []
        for number, row in enumerate(properties["metrics"]):
            options = options_of(row)
            name = options.get("id", f"m{number}")
            assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", name), name
            shown = options.get("visible", True)
            metric = None if is_math(row) else Metric.of(*plain(row)[:3])
            expression = options.get("expression", "")
            queries.append(MetricQuery(name, metric, "Sum", 300, expression, "", shown))
        assert len({query.id for query in queries}) == len(queries), properties["title"]
        evaluate(queries, store, graph_sampler(store, 0, 600))


def of_graph(widgets: list[dict[str, Any]], name: str) -> list[str]:
    """Values of the one dimension of a metric of AWS's, wherever it is shown."""
    return [
        next(iter(dimensions.values()))
        for _, row in metrics_of(widgets)
        if not is_math(row)
        for namespace, metric, dimensions, _ in [plain(row)]
        if metric == name and namespace.startswith("AWS/")
    ]


def test_every_queue_and_every_function_is_shown(
    resources: dict[str, Any], widgets: list[dict[str, Any]]
) -> None:
    queues = {f"${{{name}.QueueName}}" for name in of_type(resources, "AWS::SQS::Queue")}
    assert set(of_graph(widgets, "ApproximateNumberOfMessagesVisible")) == queues
    functions = {f"${{{name}}}" for name in of_type(resources, "AWS::Lambda::Function")}
    for metric in ("Errors", "Duration", "Throttles", "Invocations"):
        assert set(of_graph(widgets, metric)) == functions, metric


def test_lambdas_cost_counts_each_function_once_with_its_memory(
    resources: dict[str, Any], widgets: list[dict[str, Any]]
) -> None:
    rows = {
        options_of(row)["id"]: row
        for properties, row in metrics_of(widgets)
        if properties["title"].startswith("Lambda's cost")
    }

    def words(name: str) -> list[str]:
        return re.findall(r"[A-Za-z]\w*", options_of(rows[name])["expression"])

    cost = options_of(rows["cost"])["expression"]
    shares = {group: float(share) for share, group in re.findall(r"([\d.]+) \* ([a-z]+)", cost)}
    summed = Counter((group, one) for group in shares for one in words(group) if one != "SUM")
    wanted = {}
    for function, content in of_type(resources, "AWS::Lambda::Function").items():
        name = function.removesuffix("Function")
        (group,) = (g for g, share in shares.items() if share * 1024 == content["MemorySize"])
        wanted[group, f"d{name}"] = 1
        assert words("requests").count(f"i{name}") == 1, name
        for letter, metric in (("d", "Duration"), ("i", "Invocations")):
            hidden = {"id": f"{letter}{name}", "stat": "Sum", "visible": False}
            watched = ("AWS/Lambda", metric, {"FunctionName": f"${{{function}}}"}, hidden)
            assert plain(rows[f"{letter}{name}"]) == watched
    assert summed == wanted
    assert f"/ 1000 * {SECONDS_OF_GB} + requests * {REQUEST}) / returns" in cost


def test_prices_are_told_with_their_date_and_region(widgets: list[dict[str, Any]]) -> None:
    (text,) = (w["properties"]["markdown"] for w in widgets if w["type"] == "text")
    for told in ("arm64", SECONDS_OF_GB, "0.20 USD a million", "eu-west-1", "November 2026"):
        assert told in text
    assert float(REQUEST) == pytest.approx(0.20 / 1_000_000)
