"""Settings of a real writer with everything installed, and the beacon app beside it."""

from fengsui.config.settings import *  # noqa: F403
from fengsui.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.beacon"]
