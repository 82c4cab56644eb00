"""Loop's dialect: Loop Returns itself, and Redo's host that is compatible with it."""

from __future__ import annotations
