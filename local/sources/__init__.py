"""Event sources, made from the template: queues, schedules and HTTP."""

from __future__ import annotations
