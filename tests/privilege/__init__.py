"""Least privilege over the whole suite: what functions and verbs were seen to ask of AWS, held
against what their policies allow."""

from __future__ import annotations
