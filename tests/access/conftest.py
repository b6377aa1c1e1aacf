"""Hypothesis without its deadline: how long an example takes is no matter of these tests."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
