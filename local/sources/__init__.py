"""Event sources, made from the template: queues and schedules."""

from __future__ import annotations
