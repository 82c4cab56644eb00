"""What documents of Unleashed's simulator share that are written while they are parked.

Assemblies, warehouse transfers and free-entry credits: a whole object or a line at a time, and
completed or deleted in one step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from local.simulators.unleashed.replies import Call, Route, wrong
from local.simulators.unleashed.resource import ONE, Resource
from local.simulators.unleashed.shapes import Record, Shape, read, same_guid
from local.simulators.wire import Reply

PARKED = "Parked"


class Document(Resource, ABC):
    """A document with lines.

    Attributes:
        title: What it is called, in refusals.
        word: What it is called in the journal: ``transfer`` makes ``transfer_deleted``.
        status: The key of its status.
        line_shape: What a line looks like.
        made_at: Below the resource's path, where one is made.
    """

    title: str
    word: str
    status: str
    line_shape: Shape
    made_at: str = ""

    def routes(self) -> list[Route]:
        """Besides lists: create, update, complete, delete, lines."""
        return [
            *super().routes(),
            ("POST", rf"/{self.name}{self.made_at}", self.post),
            ("PUT", rf"/{self.name}/{ONE}", self.put),
            ("DELETE", rf"/{self.name}/{ONE}", self.remove),
            ("POST", rf"/{self.name}/{ONE}/Complete", self.complete),
            ("POST", rf"/{self.name}/{ONE}/Lines", self.add_line),
            ("PUT", rf"/{self.name}/{ONE}/Lines/{ONE}", self.put_line),
            ("DELETE", rf"/{self.name}/{ONE}/Lines/{ONE}", self.remove_line),
        ]

    # -- what differs -----------------------------------------------------------------------

    @abstractmethod
    def checked(self, body: Mapping[str, Any]) -> Record:
        """A whole document as it may be written.

        Raises:
            Refused: It may not.
        """

    @abstractmethod
    def create(self, record: Record, by: str, there: Record | None = None) -> Record:
        """Keep a checked document, parked."""

    @abstractmethod
    def finish(self, record: Record, by: str) -> None:
        """Complete a document.

        Raises:
            Refused: It cannot be.
        """

    @abstractmethod
    def note(self, what: str, record: Record, by: str) -> None:
        """Enter into the journal what was done."""

    def check_line(self, line: Record) -> None:
        """Refuse a line that cannot be one.

        Raises:
            Refused: It cannot.
        """

    def arrange(self, record: Record) -> None:
        """Put in order what follows from the lines."""
        self.company.line_guids(record[self.lines])

    # -- what does not ----------------------------------------------------------------------

    def post(self, call: Call) -> Reply:
        """The whole object; its Guid may be the caller's."""
        record = self.checked(call.content())
        record["Guid"], there = self.company.guid_of_new(self.name, record["Guid"])
        return self.made(call, self.create(record, call.by, there))

    def parked(self, guid: str) -> Record:
        """One that can still be changed.

        Raises:
            Refused: It cannot.
        """
        found = self.one(guid)
        if found[self.status] != PARKED:
            raise wrong(f"The {self.title} is {found[self.status]}.")
        return found

    def put(self, call: Call, guid: str) -> Reply:
        """``PUT …/{guid}``: the whole object."""
        there = self.parked(guid)
        body = call.content()
        same_guid(there["Guid"], body)
        record = self.checked(body)
        record[self.lines] = self.replaced_lines(there, record[self.lines])
        there |= record | {"Guid": there["Guid"]}
        return self._changed(call, there)

    def add_line(self, call: Call, guid: str) -> Reply:
        """``POST …/Lines``."""
        there = self.parked(guid)
        there[self.lines].append(self.read_line(call.content()))
        return self._changed(call, there)

    def put_line(self, call: Call, guid: str, number: str) -> Reply:
        """``PUT …/Lines/{guid}``: the whole line."""
        there = self.parked(guid)
        line = self.line(there, number)
        body = call.content()
        same_guid(line["Guid"], body)
        line |= self.read_line(body) | {"Guid": line["Guid"]}
        return self._changed(call, there)

    def remove_line(self, call: Call, guid: str, number: str) -> Reply:
        """``DELETE …/Lines/{guid}``."""
        there = self.parked(guid)
        if len(there[self.lines]) == 1:
            raise wrong("The last line cannot be removed.")
        there[self.lines].remove(self.line(there, number))
        self._changed(call, there)
        return Reply(200)

    def remove(self, call: Call, guid: str) -> Reply:
        """``DELETE …/{guid}``: of a parked one."""
        self.delete(self.parked(guid), call.by)
        return Reply(200)

    def delete(self, record: Record, by: str) -> None:
        """A parked one is deleted."""
        record[self.status] = "Deleted"
        self.company.touch(record, by)
        self.note(f"{self.word}_deleted", record, by)

    def complete(self, call: Call, guid: str) -> Reply:
        """``POST …/Complete``: without a body."""
        call.no_content()
        record = self.parked(guid)
        self.finish(record, call.by)
        return self.reply(call, record)

    def read_line(self, body: Mapping[str, Any]) -> Record:
        """A body as a line.

        Raises:
            Refused: It cannot be one.
        """
        line = read(self.line_shape, body, self.company)
        self.check_line(line)
        return line

    def _changed(self, call: Call, record: Record) -> Reply:
        self.arrange(record)
        self.company.touch(record, call.by)
        self.note(f"{self.word}_changed", record, call.by)
        return self.reply(call, record)
