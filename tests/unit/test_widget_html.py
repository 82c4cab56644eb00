"""What widgets are built with: nothing that comes from elsewhere is ever more than words."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from returns_hub.domain.privacy import masked, shown_fields
from returns_hub.widgets.html import LONGEST_TEXT, Html, action, join, style_sheet, tag, text
from returns_hub.widgets.style import CSS

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;\u202e\x00"


class Texts(HTMLParser):
    """The elements and the text of some markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_text_is_never_markup() -> None:
    read = Texts(tag("td", HOSTILE, title=HOSTILE).markup)
    assert read.elements == ["td"]
    assert read.words.startswith("<script>alert(1)</script>\"'>")
    assert "\u202e" not in read.words
    assert "\x00" not in read.words


def test_a_long_text_is_cut() -> None:
    assert len(Texts(text("x" * 10_000).markup).words) == LONGEST_TEXT


@pytest.mark.parametrize("name", ["script", "iframe", "use", "a", "img", "object", "style"])
def test_elements_that_a_widget_has_no_use_for_cannot_be_made(name: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        tag(name)


@pytest.mark.parametrize("name", ["onclick", "style", "href", "src", "srcdoc", "xlink:href"])
def test_attributes_that_could_do_something_cannot_be_made(name: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        tag("div", **{name: "x"})


def test_false_and_none_leave_an_attribute_out() -> None:
    made = tag("option", "x", selected=False, value=None, title="")
    assert made.markup == '<option title="">x</option>'
    assert tag("option", "x", selected=True).markup == "<option selected>x</option>"


def test_an_action_stands_behind_its_element_and_its_content_is_json_alone() -> None:
    params: dict[str, str | int] = {"note": HOSTILE, "count": 2}
    made = action(
        tag("button", "Go"), endpoint="arn", params={**params}, confirmation=HOSTILE
    ).markup
    assert made.startswith("<button>Go</button><cwdb-action ")
    content = made.partition(">")[2].partition("<cwdb-action")[2]
    inner = made[made.rindex('">') + 2 : made.rindex("</cwdb-action>")]
    assert json.loads(inner) == params
    assert not set("<>&") & set(inner)
    assert "<script" not in content


def test_joining_escapes_texts_and_keeps_markup() -> None:
    assert join("<", Html("<b>x</b>"), None, 3).markup == "&lt;<b>x</b>3"


def test_a_style_sheet_is_no_way_out() -> None:
    with pytest.raises(ValueError, match="no markup"):
        style_sheet("</style><script>")


def test_every_rule_of_the_style_sheet_is_scoped_to_the_widget() -> None:
    """Whether the console keeps one widget's sheet from the others is not documented."""
    found = re.findall(r"([^{}]+)\{", CSS.replace("\n", ""))
    assert len(found) > 60
    for selectors in found:
        if not selectors.startswith("@"):
            assert all(one.strip().startswith(".rh") for one in selectors.split(",")), selectors


def test_what_is_kept_is_shown_by_field_and_only_where_it_is_a_word() -> None:
    payload = json.dumps(
        {
            "merchant": "example",
            "return_id": "66aa",
            "customer": {"name": "Erika Mustermann", "order_id": "5501", "email": "e@example.test"},
            "lines": [{"sku": "TEE", "quantity": 2, "remark": "left at the neighbour's"}],
            "order": {"address": {"postcode_number": "12345", "id": "77"}},
            "number": "17 Heidestr.",
            "key": "k@example.test",
        }
    )
    shown = dict(shown_fields(payload))
    assert shown == {
        "merchant": "example",
        "return_id": "66aa",
        "customer.order_id": "5501",
        "lines[0].sku": "TEE",
        "lines[0].quantity": "2",
        "others": "hidden: 7",
    }


@pytest.mark.parametrize("payload", ["", "no json", "[" * 100_000, '"Erika"', "NaN"])
def test_a_payload_that_is_none_is_hidden(payload: str) -> None:
    ((_, told),) = shown_fields(payload)
    assert told.startswith("hidden")


def test_texts_are_masked_by_their_look() -> None:
    assert masked("ask pat@example.test, Bearer abc.def") == "ask [redacted], [redacted]"
