"""The whole stack on one machine: AWS, the Lambda runtime, event sources, partner simulators."""

from __future__ import annotations
