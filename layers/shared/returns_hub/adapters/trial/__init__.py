"""Stand-ins for AWS and the partners that read for real and write nothing, for trials of flows."""

from __future__ import annotations
