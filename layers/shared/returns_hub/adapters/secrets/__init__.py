"""AWS Secrets Manager."""

from __future__ import annotations
