"""Messages that met a fault of the hub's own, as whoever looks after them sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

HOLD_SECONDS = 60
"""How long a message that is looked at is hidden from others, should this process be killed."""


@dataclass(frozen=True)
class Letter:
    """One message of a dead-letter queue.

    Args:
        queue: Name of the queue that gave it up.
        message_id: As SQS calls it; the queue's and the dead-letter queue's are the same.
        body: As it was sent.
        sent_at: When it was sent to the queue that gave it up.
        receives: How often it was received, looking at it here included.
    """

    queue: str
    message_id: str
    body: str
    sent_at: datetime
    receives: int


class LetterRound(Protocol):
    """One way through a dead-letter queue. Iterate over it; each message comes once."""

    def __iter__(self) -> Iterator[Letter]:
        """The messages, in no particular order.

        Raises:
            Retryable: The queue cannot be asked now.
        """

    @property
    def missing(self) -> int:
        """About how many messages there are beyond those that came."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing suggests that there are more messages than came."""

    def take_out(self, letter: Letter, first: Callable[[], None]) -> None:
        """Do `first`, and only then delete the message."""

    def send_again(self, letter: Letter, body: str, told: Callable[[], None]) -> None:
        """Send a message to where it came from, tell it, and only then delete it here."""


class DeadLetters(Protocol):
    """One queue's dead letters."""

    @property
    def name(self) -> str:
        """What operators call the queue that the messages come from."""

    @property
    def contract(self) -> Callable[[str], object]:
        """Reads a body as that queue's function does; raises Permanent when it is none."""

    def count(self) -> int:
        """About how many messages there are, those in others' hands included. 1 request.

        Raises:
            Retryable: The queue cannot be asked now.
        """

    def round(self, hold: int = HOLD_SECONDS) -> AbstractContextManager[LetterRound]:
        """Go through the messages; all that were not taken out are given back at the end.

        Args:
            hold: Seconds that a received message is hidden from others at most.
        """
