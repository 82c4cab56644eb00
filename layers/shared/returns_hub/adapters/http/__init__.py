"""HTTP to partners: timeouts, pace, and what an answer or its absence means."""

from __future__ import annotations
