"""A real OpenID Connect provider (npm oidc-provider) as a process on loopback."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.world.postgres import free_port

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the test, 32 letters!"


class Provider:
    """Sends people back to `back`. `restart` gives it a new signing key."""

    def __init__(self, back: str) -> None:
        self.back = back
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def row(self, identity: str = "county") -> dict[str, Any]:
        """Its line in the node's own list of providers."""
        return {
            "id": identity,
            "zh": "县统一身份认证",
            "en": "County sign-on",
            "issuer": self.issuer,
            "client_id": "fengsui",
            "client_secret": SECRET,
        }

    def start(self) -> None:
        found = subprocess.run([ROOT / "make" / "node-path"], capture_output=True, text=True)
        node = Path(found.stdout.strip() or "/usr/bin") / "node"
        script = ROOT / "tests" / "world" / "oidc_provider.mjs"
        self.process = subprocess.Popen(
            [str(node), str(script), str(self.port), self.back],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            if self.process.stdout:
                self.process.stdout.close()
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()
