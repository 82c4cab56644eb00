"""The application as `sam build` leaves it, run as AWS runs it: in AWS's own emulator."""

from __future__ import annotations
