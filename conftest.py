"""Fixtures that every test may use."""

pytest_plugins = [
    "fengsui.foundation.journal.fixtures",
    "tests.world.selection",
    "tests.world.wired",
]
