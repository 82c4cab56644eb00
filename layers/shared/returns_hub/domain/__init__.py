"""Our words and rules: frozen models and pure functions. No AWS, no HTTP, no partner words."""

from __future__ import annotations
