"""Settings of a real writer that a test starts: the journal with the beacon app alone."""

from fengsui.config.settings import *  # noqa: F403

INSTALLED_APPS = ["django.contrib.sessions", "fengsui.foundation.journal", "tests.beacon"]
