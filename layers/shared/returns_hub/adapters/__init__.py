"""Everything outside: AWS and the partners. Their words and their errors end here."""

from __future__ import annotations
