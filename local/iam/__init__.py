"""What each function may ask of AWS, by template.yaml; and what it was seen to ask."""

from __future__ import annotations
