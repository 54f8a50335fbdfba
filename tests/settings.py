"""Settings of a test run: this process is the writer, its folder is thrown away afterwards."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="fengsui-test-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["FENGSUI_HOME"] = _home
os.environ["FENGSUI_ROLE"] = "writer"

from fengsui.config.settings import *  # noqa: E402, F403
from fengsui.config.settings import INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "tests.beacon", "tests.wells"]

# The real algorithm with its answers a thousand times sooner; no test is about its slowness.
PASSWORD_HASHERS = ["tests.world.quick_hasher.QuickHasher"]
