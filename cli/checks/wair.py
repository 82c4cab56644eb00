"""Stock intelligence: the sink, its login, and what of the file is a guess.

By reads alone: a batch, and what a body has to look like, no read can prove. What WAIR's public
pages do not show is said as advice, until the file itself says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from cli.checks.model import Area, Check, Finding, Partner, Subject, failed, ok, skipped, warning
from cli.checks.run import SAYS_NOTHING_OF_OTHERS
from returns_hub.domain.file_types import Mode
from returns_hub.domain.wair.settings import DATA_SETS, DEFAULTS, DataSetName
from returns_hub.errors import Misconfigured
from returns_hub.flows.wair.feed_world import Intelligence

LookAtFeed = Callable[[Subject, Intelligence], Iterable[Finding]]
TEST_HOST = "public-api-dev.wair.cloud"
SWAGGER = f"compare with https://{TEST_HOST}/swagger/index.html"
GUESSED: dict[DataSetName, tuple[bool, tuple[str, ...]]] = {
    "locations": (True, ("location", "code", "name", "type")),
    "sizes": (True, ()),
    "colors": (True, ()),
    "items": (True, ("code", "name", "skus", "skus.code")),
    "stock": (True, ("on_hand",)),
    "reserved": (False, ()),
}
"""Whether the array's name is a guess, and which fields' names are; docs.wair.ai shows the rest."""
SAMPLE = 3


def sink(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """Where rows go, and which."""
    file = feed.connection
    told = {name: file.data_set(name).mode.value for name in DATA_SETS if file.is_told(name)}
    if not told:
        yield skipped("sink", f"{file.sink}; every set is off (wair.data_sets.NAME.mode)")
        return
    modes = ", ".join(f"{name} {mode}" for name, mode in told.items())
    is_live = Mode.LIVE in file.modes
    if is_live and TEST_HOST in (file.base_url or ""):
        yield warning(
            "sink",
            f"{file.sink}: {modes}; base_url is WAIR's test environment",
            "ask WAIR for the address of production, and put it into wair.base_url",
            **told,
        )
        return
    yield ok("sink", f"{file.sink}: {modes}", **told)


def login(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """The login with its tenant and one read, or the folder."""
    yield ok("login", feed.feed.check_access())
    if feed.connection.sink == "wair_api":
        yield ok("tenant", f"{feed.connection.tenant}: the login was taken with it")


def batch(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """No read can prove a batch."""
    file = feed.connection
    if file.sink != "wair_api":
        return
    if not file.batch:
        yield warning(
            "batch",
            "is off: WAIR asks for Batch/start and Batch/stop around every upload",
            "set wair.batch to true, unless WAIR told you otherwise",
        )
        return
    yield skipped(
        "batch",
        "no read proves it, and its bodies are published nowhere",
        "watch the first upload: hub wair show tells what Batch/start answered",
    )


def words(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """What is told by a name that no page shows."""
    file = feed.connection
    if file.sink != "wair_api":
        return
    for name in DATA_SETS:
        if not file.is_told(name):
            continue
        guesses = guesses_of(feed, name)
        row = f"words of {name}"
        if not guesses:
            yield ok(row, f"{file.path_of(name)}, {file.wrapper_of(name)}: as documented or set")
            continue
        yield warning(
            row,
            f"WAIR's pages do not show the name of {', '.join(guesses)}: guessed",
            f"{SWAGGER}, and write wrapper and fields into wair.data_sets.{name}",
            guessed=list(guesses),
        )


def guesses_of(feed: Intelligence, name: DataSetName) -> tuple[str, ...]:
    """What is told by a guessed name: ``array stock``, ``on_hand as quantity``."""
    given = feed.connection.data_set(name)
    wrapper, fields = GUESSED[name]
    found = [f"the array {DEFAULTS[name][1]}"] if wrapper and given.wrapper is None else []
    told = feed.connection.fields_of(name)
    found += [
        f"{ours} ({told[ours]})" for ours in fields if ours in told and ours not in given.fields
    ]
    return tuple(found)


def full_load(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """What `fullLoad` means is not published."""
    file = feed.connection
    named = [n for n in DATA_SETS if file.is_told(n) and file.data_set(n).full_load]
    if file.sink == "wair_api" and named:
        yield warning(
            "full load",
            f"{', '.join(named)}: fullLoad is taken to replace the whole set, which no page says",
            "ask WAIR what it does to records that are left out, before it is live",
        )


def read_back(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """Sets that can be read back, and those of which WAIR is the master and that cannot."""
    for name in DATA_SETS:
        given = feed.connection.data_set(name)
        rows = feed.feed.told_back(name) if given.read_path else None
        row = f"{name} read back"
        if rows is not None:
            try:
                found = len([*islice(rows, SAMPLE)])
            except Misconfigured as verdict:
                if verdict.code not in SAYS_NOTHING_OF_OTHERS:
                    raise
                yield failed(row, verdict.reason, f"correct wair.data_sets.{name}")
                continue
            yield ok(row, f"{given.read_path} can be read" if found else "is empty there")
        elif given.master == "wair":
            yield warning(
                row,
                "WAIR is the master, and nothing says where it is read: no drift is found",
                f"set wair.data_sets.{name}.read_path, once WAIR has told one",
            )


def advice(_: Subject, feed: Intelligence) -> Iterator[Finding]:
    """A few rows of what is read."""
    wanted = feed.connection.advice
    if wanted.targets:
        found = len([*islice(feed.advice.targets(), SAMPLE)])
        yield ok("stock targets", "can be read" if found else "can be read; there are none yet")
    if wanted.transfers:
        proposed = len([*islice(feed.advice.transfers(None), SAMPLE)])
        yield ok("transfers", "can be read" if proposed else "can be read; there are none yet")


LOOKS: tuple[tuple[str, LookAtFeed, tuple[Partner, ...]], ...] = (
    ("sink", sink, ()),
    ("login", login, ("wair",)),
    ("batch", batch, ()),
    ("words of each set", words, ()),
    ("full load", full_load, ()),
    ("read back", read_back, ("wair",)),
    ("advice", advice, ("wair",)),
)
"""Every look: its name, what it does, and the partners it cannot do without."""


def _check(name: str, look: LookAtFeed, asks: tuple[Partner, ...]) -> Check:
    """A check that is made only for a merchant with stock intelligence."""

    def looked(subject: Subject) -> Iterator[Finding]:
        feed = subject.feed
        if feed is not None:
            yield from look(subject, feed)

    return Check(name, looked, asks, applies=lambda subject: subject.feed_of is not None)


AREA = Area("wair", "Stock intelligence", tuple(_check(*look) for look in LOOKS))
