"""The shell around thin links: moves bytes between lines and the drivers, and decides nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import serial

from fengsui.exchange.telegrams import queries, running
from fengsui.exchange.telegrams.models import ThinLink
from fengsui.exchange.telegrams.rules import LinkAddress, read_address
from fengsui.exchange.telegrams.running import Out
from fengsui.exchange.telegrams.states import Carrier
from fengsui.foundation.journal import clock
from fengsui.standards.instants import to_ms

FILE_NAME = "thin_links.json"  # its presence tells `fengsui up` to start this process
TICK_S = 0.5
RETRY_S = 5.0
BAUD = 115_200  # of most terminals; `?baud=` says another
LINE_BYTES = 4096
INCOMING_MAX = 1000

log = logging.getLogger("fengsui.thin")
Result = TypeVar("Result")
Incoming = asyncio.Queue[tuple[bytes, str]]


def note_links(home: Path) -> None:
    """Leaves word for `fengsui up` whether there are links to serve."""
    names = [row.name for row in queries.links()]
    path = home / FILE_NAME
    if not names:
        path.unlink(missing_ok=True)
        return
    part = path.with_suffix(".part")
    part.write_text(json.dumps(names))
    part.replace(path)


def run(stop: threading.Event) -> int:
    """Serves every configured link until told to stop. A new link needs a restart."""
    rows = queries.links()
    asyncio.run(_serve_all(rows, stop))
    return 0


async def _serve_all(rows: list[ThinLink], stop: threading.Event) -> None:
    async with asyncio.TaskGroup() as group:
        for row in rows:
            group.create_task(_serve_for_ever(row, stop))


async def _serve_for_ever(row: ThinLink, stop: threading.Event) -> None:
    """A terminal that is pulled out, or a writer that restarts, ends one round, not the link."""
    # One thread for each link: its database connection stays with it.
    with ThreadPoolExecutor(1, thread_name_prefix=f"thin-{row.name}") as pool:
        while not stop.is_set():
            try:
                await Line(row, pool, stop).serve()
            except Exception as error:
                log.warning("link %s: %s; again in %.0f s", row.name, error, RETRY_S)
                await _wait(stop, RETRY_S)


async def _wait(stop: threading.Event, seconds: float) -> None:
    for _ in range(round(seconds / TICK_S)):
        if stop.is_set():
            return
        await asyncio.sleep(TICK_S)


class Line:
    """One open line and its driver."""

    def __init__(self, row: ThinLink, pool: ThreadPoolExecutor, stop: threading.Event) -> None:
        address = read_address(row.address)
        if address is None:
            raise ValueError(f"no address: {row.address}")
        self.address: LinkAddress = address
        self.driver = running.run(row)
        self.pool, self.stop = pool, stop
        self.incoming: Incoming = asyncio.Queue(INCOMING_MAX)

    async def serve(self) -> None:
        if self.address.carrier is Carrier.RADIO:
            await self._serve_datagrams()
        else:
            await self._serve_terminal()

    async def _serve_terminal(self) -> None:
        baud = int(self.address.options.get("baud", BAUD))
        loop = asyncio.get_running_loop()
        with serial.Serial(self.address.place, baud, timeout=0) as line:

            def arrived() -> None:
                data = line.read(LINE_BYTES)
                if data and not self.incoming.full():
                    self.incoming.put_nowait((data, ""))

            loop.add_reader(line.fileno(), arrived)
            try:
                await self._work(lambda one: _write_whole(line.fileno(), one.data))
            finally:
                loop.remove_reader(line.fileno())

    async def _serve_datagrams(self) -> None:
        host, _, port = self.address.place.rpartition(":")
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self.incoming), local_addr=(host, int(port))
        )
        try:

            def send(one: Out) -> None:
                to, _, at = one.to.rpartition(":")
                transport.sendto(one.data, (to, int(at)))

            await self._work(send)
        finally:
            transport.close()

    async def _work(self, write: Callable[[Out], None]) -> None:
        while not self.stop.is_set():
            try:
                async with asyncio.timeout(TICK_S):
                    data, sender = await self.incoming.get()
            except TimeoutError:
                out = []
            else:
                out = await self._apart(self.driver.take, data, sender, _now_ms())
            out += await self._apart(self.driver.tick, _now_ms())
            for one in out:
                write(one)

    async def _apart(self, function: Callable[..., Result], *args: Any) -> Result:
        """Commands wait for the writer: they run beside the loop, one at a time for a link."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, function, *args)


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _now_ms() -> int:
    return to_ms(clock.now())


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, incoming: Incoming) -> None:
        self.incoming = incoming

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if not self.incoming.full():
            self.incoming.put_nowait((data, f"{addr[0]}:{addr[1]}"))
