"""Simulators of the partners, strict to what their documents say and able to misbehave on demand.

Each simulator is a core, `handle(request) -> Reply`, that takes its time from a clock and keeps
books of its own; `local.simulators.wire.Server` puts a core behind HTTP.
"""

from __future__ import annotations
