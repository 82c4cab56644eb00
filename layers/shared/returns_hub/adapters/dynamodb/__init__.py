"""Amazon DynamoDB: ledger, timelines, cursors, parked work, merchant files, catalogue."""

from __future__ import annotations
