"""What every resource of Unleashed's simulator has: a list, one record, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.simulators.unleashed.company import API, Company
from local.simulators.unleashed.lists import Listing, Lists
from local.simulators.unleashed.replies import Call, Refused, Route, answer, not_found
from local.simulators.unleashed.shapes import Record, Shape, View, read, shown
from local.simulators.wire import Reply

ONE = r"([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"


class Resource:
    """A resource that can be listed and read.

    Attributes:
        name: As it is in the path.
        shape: What its records look like.
        listing: How the list is asked for.
        lines: The key of a document's lines; empty where it has none.
    """

    name: str
    shape: Shape
    listing: Listing = Listing()
    lines: str = ""

    def __init__(self, company: Company, lists: Lists) -> None:
        self.company = company
        self._lists = lists

    def routes(self) -> list[Route]:
        """What is answered below the resource's path."""
        return [
            ("GET", rf"/{self.name}", lambda call: self.page(call, 1)),
            ("GET", rf"/{self.name}/(?:Page/)?(\d+)", lambda call, n: self.page(call, int(n))),
            ("GET", rf"/{self.name}/{ONE}", self.single),
        ]

    def rows(self) -> list[Record]:
        """What the list has."""
        return list(self.company.all(self.name).values())

    def one(self, guid: str) -> Record:
        """A record.

        Raises:
            Refused: There is none.
        """
        return self.company.one(self.name, guid)

    def page(self, call: Call, number: int) -> Reply:
        """One page of the list."""
        if number < 1:
            raise not_found("The page")
        self._lists.check(call, self.listing)
        view = self.view(call)
        return self._lists.page(
            call,
            self.name,
            number,
            self.listing,
            rows=self.rows(),
            show=lambda row: self.show(row, view),
        )

    def single(self, call: Call, guid: str) -> Reply:
        """One record."""
        record = self.show(self.one(guid), self.view(call))
        settings = self.company.settings
        content = {"Items": [record]} if settings.single_wrapped else record
        return answer(content, camel=settings.keys == "camel")

    def view(self, call: Call) -> View:
        """What the reading asked for besides the records."""
        also = self.listing.also
        return View(
            "serialBatch" not in also or call.flag("serialBatch"),
            "brief" not in also or call.flag("brief", default=True),
        )

    def show(self, record: Record, view: View) -> dict[str, Any]:
        """A record as it is written."""
        return shown(self.shape, record, self.company, view)

    # -- what writes share ------------------------------------------------------------------

    def read(self, body: Mapping[str, Any], *, partial: bool = False) -> Record:
        """A body as a record.

        Raises:
            Refused: It is not one.
        """
        return read(self.shape, body, self.company, partial=partial)

    def reply(self, call: Call, record: Record, status: int = 200) -> Reply:
        """The answer to a write: the record as it is now, batches and serials too."""
        content = self.show(record, View(serial_batch=True))
        return answer(content, status, camel=self.company.settings.keys == "camel")

    def made(self, call: Call, record: Record) -> Reply:
        """The answer to what made a record."""
        return self.reply(call, record, self.company.settings.created_status)

    def keep(self, record: Record, there: Record | None, by: str = API) -> Record:
        """Keep a new record, or have it replace what there is under its Guid."""
        if there is None:
            return self.company.add(self.name, record, by)
        made = {key: there[key] for key in ("CreatedBy", "CreatedOn")}
        there |= record | made
        self.company.touch(there, by)
        return there

    def line(self, record: Record, guid: str) -> Record:
        """A line of a document.

        Raises:
            Refused: There is none.
        """
        for line in record[self.lines]:
            if line["Guid"] == guid.lower():
                found: Record = line
                return found
        raise not_found(f"Line {guid}")

    def replaced_lines(self, record: Record, wanted: list[Record]) -> list[Record]:
        """A document's lines after a whole object was written over it.

        Raises:
            Refused: A line's Guid is not one of the document's.
        """
        there = {line["Guid"]: line for line in record[self.lines]}
        lines = []
        for line in wanted:
            guid = line.get("Guid")
            if guid and guid not in there:
                raise Refused(400, f"Line {guid} is not one of this document's.")
            lines.append({**there.get(guid, {}), **line} if guid else line)
        if self.company.settings.put_lines == "merge":
            given = {line.get("Guid") for line in lines}
            lines = [line for guid, line in there.items() if guid not in given] + lines
        self.company.line_guids(lines)
        return lines
