"""Settings of the writer that is killed: the journal, the call engine and what they stand on."""

from fengsui.config.settings import *  # noqa: F403

INSTALLED_APPS = [
    "django.contrib.sessions",
    "fengsui.foundation.journal",
    "fengsui.foundation.nodes",
    "fengsui.foundation.ledgers",
    "fengsui.foundation.places",
    "fengsui.foundation.people",
    "fengsui.engines.calls",
    "tests.beacon",
]
