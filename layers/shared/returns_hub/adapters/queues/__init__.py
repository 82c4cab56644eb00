"""Amazon SQS."""

from __future__ import annotations
