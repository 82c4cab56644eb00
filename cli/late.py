"""Verbs that are loaded when they are asked for: a key in the shell does not wait for all."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module

import click


@dataclass(frozen=True)
class Late:
    """One verb of the root.

    Args:
        name: Its word.
        place: Where it is: ``module:name``.
        says: The first sentence of its page; a test holds it to the verb's own.
    """

    name: str
    place: str
    says: str

    def load(self) -> click.Command:
        """The verb itself."""
        module, _, name = self.place.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


class LateVerbs(MutableMapping[str, click.Command]):
    """A group's verbs by name; asking for one loads it, listing them loads none."""

    def __init__(self, *verbs: Late) -> None:
        self.late = {late.name: late for late in verbs}
        self._loaded: dict[str, click.Command] = {}

    def says(self, name: str) -> str | None:
        """What a verb does, in one sentence; None for one that is not there, or not shown."""
        if name in self.late:
            return self.late[name].says
        loaded = self._loaded.get(name)
        return None if loaded is None or loaded.hidden else loaded.get_short_help_str()

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            self._loaded[name] = self.late[name].load()
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self.late.pop(name, None)
        self._loaded.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self.late or name in self._loaded

    def __iter__(self) -> Iterator[str]:
        return iter({**self.late, **self._loaded})

    def __len__(self) -> int:
        return len(self.late.keys() | self._loaded.keys())
