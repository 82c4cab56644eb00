"""A test return through the whole chain (R13), on this machine or in a sandbox."""

from __future__ import annotations
