"""`make run`: the main job on the local stack, from approval to what Redo pays."""

from __future__ import annotations
