"""FENGSUI_HOME: the folder that holds everything a node keeps."""

import os
from pathlib import Path


def home_folder() -> Path:
    """The node's folder, made if missing, readable by its owner only."""
    home = Path(os.environ.get("FENGSUI_HOME", ".fengsui")).resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home
