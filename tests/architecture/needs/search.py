"""The search box."""

from __future__ import annotations

from tests.architecture.needs import SIGNED_IN, Needs

# Each register in the answer has a gate of its own: tests/world/scope_cases_search.py.
NEEDS: Needs = {"POST /search": SIGNED_IN}

WORDS = {"question": "石滩"}
