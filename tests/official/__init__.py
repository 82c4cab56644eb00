"""Redo's official OpenAPI document, and the hub's adapter and simulator held to it."""

from __future__ import annotations
