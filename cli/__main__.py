"""python -m cli"""

from __future__ import annotations

import io
import os
import sys

from cli.main import hub


def heed_streams() -> None:
    """Have standard output and error take whatever is said: letters that their encoding lacks are
    written as escapes, and a stream that was closed before takes nothing."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = io.BufferedWriter(io.FileIO(os.devnull, "w"))
            setattr(sys, name, io.TextIOWrapper(nowhere, encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    heed_streams()
    hub(prog_name="hub")
