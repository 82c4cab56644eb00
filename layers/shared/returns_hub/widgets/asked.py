"""What a widget is asked: CloudWatch's event, of which nothing is believed.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html:
the widget's parameters, or those of the action that was clicked, are the event's own fields; fields
of a form are in ``widgetContext.forms.all``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from returns_hub.errors import Permanent

LONGEST_WORD = 700
"""Characters of a parameter; an id in the list of parked work may be long."""
LONGEST_NOTE = 500
MOST_PAGES = 100_000
DASHBOARD = re.compile(r"[0-9A-Za-z_-]{1,255}")
"""Names that a dashboard can have (API reference of PutDashboard)."""
MERCHANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}|_unknown")
LARGEST = 10**15
OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])")
MOST_OFFSET = 14 * 60
Theme = Literal["light", "dark", "auto"]


@dataclass(frozen=True)
class Asked:
    """One request of the dashboard.

    Args:
        params: The event's own fields that are texts or numbers, as texts.
        form: What is in the widget's form.
        dashboard: The dashboard's name; empty where none was told.
        theme: How the dashboard looks; ``auto`` when nobody said.
        offset: From UTC to the time that the dashboard shows.
        describe: The console asks what the widget is.
    """

    params: Mapping[str, str]
    form: Mapping[str, str]
    dashboard: str = ""
    theme: Theme = "auto"
    offset: timedelta = timedelta(0)
    describe: bool = False

    def word(self, name: str) -> str:
        """A parameter, empty when it was not given.

        Raises:
            Permanent: It is longer than any parameter is.
        """
        found = self.params.get(name, "")
        if len(found) > LONGEST_WORD:
            raise Permanent("widget.too_long", f"{name} is longer than {LONGEST_WORD} characters")
        return found

    def typed(self, name: str) -> str:
        """What was typed into the form when its button was pressed, else the parameter; without
        blanks around it. Another button says by itself what it is about, whatever the form holds.
        """
        first, then = self.params.get(name, ""), self.form.get(name, "")
        if "search" in self.params:
            first, then = then, first
        return (first or then).strip()

    def merchant(self) -> str:
        """The merchant that is asked about; empty: all of them. See `typed`.

        Raises:
            Permanent: That is no merchant's id.
        """
        found = self.typed("merchant")
        if found and not MERCHANT.fullmatch(found):
            raise Permanent("widget.bad_merchant", "a merchant's id is lower-case, like its file")
        return found

    def number(self, name: str) -> int:
        """A whole number that is not negative; 0 when it was not given.

        Raises:
            Permanent: It is none.
        """
        found = self.word(name)
        if not found:
            return 0
        if not found.isascii() or not found.isdigit() or int(found) > MOST_PAGES:
            raise Permanent("widget.bad_number", f"{name} is no whole number")
        return int(found)

    @property
    def who(self) -> str:
        """As whom an act of this dashboard is recorded: CloudWatch tells no person."""
        return f"dashboard {self.dashboard or '(without a name)'}"


def asked_of(event: object) -> Asked:
    """The request, whatever the event is."""
    content = event if isinstance(event, dict) else {}
    context = _inner(content, "widgetContext")
    name = context.get("dashboardName")
    theme = context.get("theme")
    return Asked(
        params=_texts(content),
        form=_texts(_inner(_inner(context, "forms"), "all")),
        dashboard=name if isinstance(name, str) and DASHBOARD.fullmatch(name) else "",
        theme=theme if theme in {"light", "dark"} else "auto",
        offset=_offset(_inner(context, "timezone")),
        describe=content.get("describe") is True,
    )


def _inner(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name): str(value)
        for name, value in content.items()
        if isinstance(value, str)
        or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST)
    }


def _offset(zone: Mapping[str, Any]) -> timedelta:
    """The dashboard's time zone; what is no offset is UTC.

    ``offsetISO`` comes first: which way ``offsetInMinutes`` points is not documented, and it is
    taken to be written as the other is, east of Greenwich positive.
    """
    iso, minutes = zone.get("offsetISO"), zone.get("offsetInMinutes")
    found = OFFSET.fullmatch(iso) if isinstance(iso, str) else None
    if found is not None:
        ahead = timedelta(hours=int(found.group(2)), minutes=int(found.group(3)))
        return -ahead if found.group(1) == "-" else ahead
    if isinstance(minutes, int) and not isinstance(minutes, bool) and abs(minutes) <= MOST_OFFSET:
        return timedelta(minutes=minutes)
    return timedelta(0)
