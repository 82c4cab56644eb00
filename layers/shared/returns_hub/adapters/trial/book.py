"""What a trial would have written, as it came to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from returns_hub.domain.base import short_hash
from returns_hub.domain.operations import Rehearsed

FIRST_ID = 9_900_000_001
"""Ids that a trial makes up begin here: they are whole numbers, as some partners' are, and larger
than any partner's."""


LONG_ID = 32
"""Characters; a shorter word in a path may stand in a body by chance."""
READ_AGAIN = frozenset({"unleashed", "redo"})
"""Partners of whose documents flows ask the same once more, to see what the last step made of them.
"""


@dataclass
class Request:
    """A request that would have been sent.

    Args:
        partner: To whom.
        what: Its method and path, without ids.
        content: A short hash of its body; empty without one.
        key: The operation's key; empty while none took it.
        made_up: The id that stands for what it would make.
        about: The path of the one thing at the partner that it changes; empty when it names none.
        depends: Whether something was asked about what it makes or changes since.
        body: What it would send; never kept beyond the trial, as it may be personal.
    """

    partner: str
    what: str
    content: str
    key: str = ""
    made_up: str = ""
    about: str = ""
    depends: bool = False
    body: str = field(default="", repr=False)

    @property
    def changes(self) -> bool:
        """Whether it changes more than what people say of a thing."""
        return not self.what.casefold().endswith("/comments")


@dataclass(frozen=True)
class Message:
    """A message that would have been sent to a queue, or a bus."""

    to: str
    body: str
    delay: int = 0


@dataclass
class Book:
    """The book of one trial.

    Args:
        limit: Once so many writes and messages are in it, no more work is begun.
        on_entry: Told of the number of entries whenever it grows.
    """

    limit: int
    on_entry: Callable[[int], None] = lambda _: None
    requests: list[Request] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    _read: dict[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return len(self.requests) + len(self.messages) >= self.limit

    def request(self, partner: str, what: str, body: bytes, about: str = "") -> Rehearsed:
        """Enter a request; what to raise in place of sending it."""
        # A body that names what an earlier write makes is not known before that is made.
        text = body.decode("utf-8", "replace")
        content = short_hash(body.hex()) if text and not self.made_up_in(text) else ""
        made = Request(partner, what, content, about=about, body=text)
        made.made_up = str(FIRST_ID + len(self.requests))
        self.requests.append(made)
        self._grown()

        def taken_as(key: str) -> str:
            made.key = key
            return made.made_up

        return Rehearsed(f"{partner} {what}", taken_as)

    def message(self, to: str, body: str, delay: int = 0) -> None:
        """Enter a message."""
        self.messages.append(Message(to, body, delay))
        self._grown()

    def made_up_in(self, text: str) -> Request | None:
        """The request whose made-up id is in a text."""
        return next((one for one in self.requests if one.made_up in text), None)

    def rests_on(self, partner: str, path: str, template: str, query: str) -> str:
        """The operation without whose end a read makes no sense; empty when there is none.

        It asks about what that makes, or about the very thing that it changes; or it asks once more
        what was asked before it, of a partner whose documents are read again after each step.
        """
        found = self.made_up_in(f"{path} {query}") or self._changed(partner, path, template)
        if found is None and partner in READ_AGAIN:
            place = (partner, path, query)
            since = self.requests[self._read.get(place, len(self.requests)) :]
            named = _lists(template)
            found = next((one for one in since if one.changes and named & _lists(one.what)), None)
            self._read.setdefault(place, len(self.requests))
        if found is None:
            return ""
        found.depends = True
        return found.key or found.what

    def _changed(self, partner: str, path: str, template: str) -> Request | None:
        """The request that changes the thing, a part of it, or makes it under an id of our own."""
        thing = thing_of(path, template)
        is_one = thing == path
        for request in self.requests:
            if request.partner != partner:
                continue
            if request.about and (
                is_below(path, request.about) or (is_one and is_below(request.about, path))
            ):
                return request
            named = thing.rsplit("/", 1)[-1]
            is_ours = len(named) >= LONG_ID and named in request.body
            if is_ours and _lists(request.what) & _lists(template):
                return request
        return None

    def _grown(self) -> None:
        self.on_entry(len(self.requests) + len(self.messages))


def is_below(path: str, thing: str) -> bool:
    """Whether a path is a thing's, or of a part of it."""
    return path == thing or path.startswith(f"{thing}/")


def thing_of(path: str, template: str) -> str:
    """The path of the one thing that a request is about: up to the last id in its template. Empty
    when it has none, or adds a comment, which changes nothing of the thing itself."""
    if template.casefold().endswith("/comments"):
        return ""
    words = template.split("/")
    ids = [place for place, word in enumerate(words) if word.startswith("{")]
    return "/".join(path.split("/")[: ids[-1] + 1]) if ids else ""


def _lists(what: str) -> frozenset[str]:
    """The lists in a template: ``SalesShipments`` of ``POST /SalesShipments/{guid}``."""
    words = what.rsplit(" ", maxsplit=1)[-1].split("/")
    return frozenset(word for word in words if word and not word.startswith("{"))
