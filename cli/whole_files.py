"""What a verb writes for other programs: into a file that is whole or not there, or to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any, TextIO

from cli.terminal import REFUSED
from cli.worlds import CommandError


def plain_stdout() -> TextIO:
    """Standard output in UTF-8, with line ends as they are written."""
    stream: Any = sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", newline="")
    return sys.stdout


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of `path` when it is whole, and is gone when it is not."""
    try:
        number, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", REFUSED) from None
    part = Path(name)
    try:
        with open(number, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a number
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", REFUSED) from None
    finally:
        part.unlink(missing_ok=True)
