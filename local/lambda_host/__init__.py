"""A small host that runs the real handlers under AWS's own runtime client, `awslambdaric`."""

from __future__ import annotations
