"""Amazon API Gateway: requests that came over HTTP, and their answers."""

from __future__ import annotations
