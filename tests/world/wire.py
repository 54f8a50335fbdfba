"""A wire between two nodes on loopback: it can be pulled, and it can die after n bytes."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading

_CHUNK = 65536


class Wire:
    """Forwards TCP from its own port to `target`. Bytes are counted in both directions together."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.bytes = 0
        self.deaths = 0
        self.limits: list[int] = []  # after how many bytes each of the next connections dies
        self.is_pulled = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pull(self) -> None:
        self.is_pulled = True
        self._drop()

    def plug(self) -> None:
        self.is_pulled = False

    def close(self) -> None:
        self._listening.close()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        if self.is_pulled:
            caller.close()
            return
        try:
            other = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:
            caller.close()
            return
        with self._lock:
            self._open |= {caller, other}
        try:
            self._forward(caller, other)
        except OSError:
            pass
        finally:
            with self._lock:
                self._open -= {caller, other}
            caller.close()
            other.close()

    def _forward(self, caller: socket.socket, other: socket.socket) -> None:
        passed, limit = 0, self.limits.pop(0) if self.limits else None
        with selectors.DefaultSelector() as selector:
            selector.register(caller, selectors.EVENT_READ, other)
            selector.register(other, selectors.EVENT_READ, caller)
            while True:
                for key, _ in selector.select():
                    source, target = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    data = source.recv(_CHUNK)
                    if not data:
                        return
                    if limit is not None and passed + len(data) >= limit:
                        target.sendall(data[: max(0, limit - passed)])
                        self.deaths += 1
                        return
                    target.sendall(data)
                    passed += len(data)
                    self.bytes += len(data)
