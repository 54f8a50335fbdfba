"""What each supervised process does: `python -m fengsui.config.processes NAME`."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from fengsui.config import logs, tls
from fengsui.config.home import home_folder

log = logging.getLogger("fengsui.process")
STOP_WEB_SECONDS = 3.0
# An approval makes half a million objects and hardly a cycle among them: Python's own thresholds
# look through all that lives some dozen times meanwhile, a quarter of the command.
COLLECT_AFTER = (20_000, 20, 20)


def stop_when_orphaned() -> None:
    """Ask this process to stop once its supervisor is gone, however it went."""

    def wait_for_the_end() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, name="orphan-watch", daemon=True).start()


def until_told() -> threading.Event:
    """Set once this process is asked to stop, or its supervisor is gone."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop_when_orphaned()
    return stop


def collect_rarely() -> None:
    """What is there now stays for good and is not looked through again; what comes, less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _set_up(process: str) -> Path:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fengsui.config.settings")
    import django
    from django.conf import settings

    logs.set_up(process, settings.HOME)
    django.setup()
    from fengsui.config import wiring

    wiring.wire()
    home: Path = settings.HOME
    if settings.IS_DEMONSTRATION:
        from fengsui.review.demonstration import night_clock

        night_clock.install(home)
    collect_rarely()
    return home


def migrate() -> None:
    """Brings the databases to this program's shape. Raises NewerDataError."""
    from fengsui.config import schema

    schema.migrate()


def _migrate_beside() -> int:
    """In a process of its own: what it loads would stay in the writer for good."""
    child = subprocess.Popen(
        [sys.executable, "-m", "fengsui.config.processes", "migrate"], stdin=subprocess.PIPE
    )
    return child.wait()


def run_migrate() -> int:
    os.environ["FENGSUI_ROLE"] = "writer"
    _set_up("migrate")
    stop_when_orphaned()
    migrate()
    return 0


def run_writer() -> int:
    """Owns the write connection: migrates, then serves commands and runs the jobs until told."""
    os.environ["FENGSUI_ROLE"] = "writer"
    _set_up("writer")
    stop_when_orphaned()
    from fengsui.config import schema

    if not schema.is_current() and _migrate_beside() != 0:
        return 1
    from fengsui.foundation.journal import writer

    return writer.serve()


def run_backup() -> int:
    """Backs the node up now and then, beside the writer and without Django."""
    import fengsui
    from fengsui.foundation.machine import backups

    home = home_folder()
    logs.set_up("backup", home)
    stop = until_told()
    backups.keep_backing_up(home, fengsui.__version__, stop)
    return 0


def run_web(host: str, port: int) -> int:
    """Serves the one origin from one process: the event loop in it, Django in a few threads."""
    _set_up("web")
    stop_when_orphaned()
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server

    from fengsui.config.asgi import application

    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
        **_secure(),
    )

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        _stop_at_another_certificate(loop, server.stop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        await server.serve()

    asyncio.run(serve())
    # Open live streams would keep the interpreter waiting for their threads; clients reconnect.
    logging.shutdown()
    os._exit(0)


def _secure() -> dict[str, Any]:
    """What the server must be told to speak HTTPS; nothing where the node speaks HTTP."""
    if not os.environ.get("FENGSUI_TLS_CERT"):
        return {}
    from granian.constants import SSLProtocols

    found = tls.find(home_folder())
    return {
        "ssl_cert": found.chain,
        "ssl_key": found.key,
        "ssl_protocol_min": SSLProtocols.tls12,
    }


def _stop_at_another_certificate(loop: asyncio.AbstractEventLoop, stop: Any) -> None:
    """A renewed certificate is taken up by starting again, which the supervisor does at once."""
    if not os.environ.get("FENGSUI_TLS_CERT"):
        return

    def watch() -> None:
        if tls.wait_for_another(tls.find(home_folder()), threading.Event()):
            log.warning("another certificate lies there; the pages start again with it")
            loop.call_soon_threadsafe(stop)

    threading.Thread(target=watch, name="certificate-watch", daemon=True).start()


def run_hint(host: str, port: int, address: str) -> int:
    """The plain page beside HTTPS: where the secure one is, and the county's certificate."""
    home = home_folder()
    logs.set_up("hint", home)
    stop = until_told()
    tls.serve_hint(home, host, port, address, stop)
    return 0


def run_link() -> int:
    """Talks to the node above until told to stop."""
    home = _set_up("link")
    stop = until_told()
    from fengsui.exchange.links import caller

    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a request says nothing
    return caller.run(home, stop)


def run_thin() -> int:
    """Moves telegrams between this machine's terminals and radios and the writer."""
    _set_up("thin")
    stop = until_told()
    from fengsui.config import thin_links

    return thin_links.run(stop)


def run_act(host: str, port: int) -> int:
    """Waits for the demonstration's second act and runs the township's node in it."""
    home = _set_up("act")
    stop = until_told()
    from fengsui.config import second_act

    return second_act.run(home, f"http://{host}:{port}", stop)


def run_hands() -> int:
    """The people of the second act's township, told what to do line by line."""
    _set_up("hands")
    from fengsui.config import township_hands

    return township_hands.serve()


def run_trial(depth: str) -> int:
    """The next release at work on a copy of the data, for `fengsui upgrade`."""
    os.environ["FENGSUI_ROLE"] = "writer"
    _set_up("trial")
    from fengsui.config.upgrading import trial

    return trial.run(depth)


def run_prepare() -> int:
    """Loads the invented county into an empty demonstration node, prints who may sign in."""
    _set_up("prepare")
    from fengsui.foundation.accounts import services as accounts
    from fengsui.review.demonstration import services as demonstration

    people: list[dict[str, Any]] = []
    for person in demonstration.prepare():
        token = accounts.make_one_time_link(int(person["person_id"]))
        people.append({**person, "token": token})
    sys.stdout.write(json.dumps(people, ensure_ascii=False, default=str) + "\n")
    return 0


def main(arguments: list[str]) -> int:
    try:
        return _run(arguments)
    except Exception:
        log.exception("this process ends because of an error it did not expect")
        raise


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["writer"]:
            return run_writer()
        case ["migrate"]:
            return run_migrate()
        case ["web", host, port]:
            return run_web(host, int(port))
        case ["link"]:
            return run_link()
        case ["thin"]:
            return run_thin()
        case ["hint", host, port, address]:
            return run_hint(host, int(port), address)
        case ["backup"]:
            return run_backup()
        case ["act", host, port]:
            return run_act(host, int(port))
        case ["hands"]:
            return run_hands()
        case ["prepare"]:
            return run_prepare()
        case ["trial", ("full" | "quick") as depth]:
            return run_trial(depth)
    sys.stderr.write(
        "usage: processes writer | migrate | web HOST PORT | link | thin | backup | "
        "act HOST PORT | hands | prepare | trial full|quick\n"
    )
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
