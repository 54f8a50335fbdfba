"""A disk that forgets, fails and fills up, under the very SQLite that Python uses.

A VFS registered through ctypes (https://www.sqlite.org/vfs.html): a copy of the default one whose
xOpen puts four methods of our own (write, truncate, sync, close) into the table of every file it
opens. Nothing is compiled or preloaded. What SQLite has written and not yet synced is kept apart:
`survivors` gives what a disk may hold after a power cut: everything synced, and of the rest any
prefix, any subset, or nothing, in sectors of 512 bytes. Use in a process of its own that ends by
`leave`: SQLite must not call back into an interpreter that is being taken down.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
import random
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

SECTOR_BYTES = 512
# https://www.sqlite.org/rescode.html
SQLITE_OK = 0
SQLITE_FULL = 13
SQLITE_IOERR_WRITE = 10 | 3 << 8
SQLITE_IOERR_FSYNC = 10 | 4 << 8
_METHODS_V2_BYTES = 8 + 16 * 8  # sqlite3_io_methods: a number, then sixteen functions
_METHODS_V3_BYTES = _METHODS_V2_BYTES + 2 * 8
_VFS_BYTES = 168  # sqlite3_vfs, version 3, on 64-bit machines
_CLOSE, _WRITE, _TRUNCATE, _SYNC = 8, 24, 32, 40
_VFS_NAME, _VFS_OPEN, _VFS_DELETE = 24, 40, 48
_EXIT_BROKEN_SHIM = 70

Address = ctypes.c_void_p
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, Address, Address, Address, ctypes.c_int, Address)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, Address, Address, ctypes.c_int)
_CLOSING = ctypes.CFUNCTYPE(ctypes.c_int, Address)
_WRITING = ctypes.CFUNCTYPE(ctypes.c_int, Address, Address, ctypes.c_int, ctypes.c_int64)
_TRUNCATING = ctypes.CFUNCTYPE(ctypes.c_int, Address, ctypes.c_int64)
_SYNCING = ctypes.CFUNCTYPE(ctypes.c_int, Address, ctypes.c_int)

Change = tuple[str, int, bytes]


@dataclass
class Medium:
    """One file: what is safe on the disk, and what is still on its way, in sectors."""

    durable: bytearray
    exists: bool
    pending: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        self.durable, self.exists = self.after(self.pending)
        self.pending.clear()

    def after(self, changes: list[Change]) -> tuple[bytearray, bool]:
        content, exists = bytearray(self.durable), self.exists
        for what, offset, data in changes:
            if what == "delete":
                content, exists = bytearray(), False
                continue
            exists = True
            if what == "truncate":
                del content[offset:]
                content.extend(bytes(offset - len(content)))
            else:
                content.extend(bytes(max(0, offset - len(content))))
                content[offset : offset + len(data)] = data
        return content, exists

    def survivor(self, chance: random.Random) -> bytes | None:
        """What is found when the power is back; None where the file is gone."""
        way = chance.choice(("none", "all", "prefix", "subset", "subset"))
        chosen = self.pending
        if way == "none":
            chosen = []
        elif way == "prefix":
            chosen = self.pending[: chance.randint(0, len(self.pending))]
        elif way == "subset":
            share = chance.random()
            chosen = [change for change in self.pending if chance.random() < share]
        content, exists = self.after(chosen)
        return bytes(content) if exists else None


def sectors(offset: int, data: bytes) -> list[Change]:
    """A write as the sectors it touches: each may survive without the others."""
    parts: list[Change] = []
    position = 0
    while position < len(data):
        length = SECTOR_BYTES - (offset + position) % SECTOR_BYTES
        parts.append(("write", offset + position, data[position : position + length]))
        position += length
    return parts


# SQLite calls them for as long as the process lives, whoever else has forgotten them.
_installed: list[FaultyDisk] = []


class FaultyDisk:
    """Install before the first connection; then look on, cut, fail or fill."""

    def __init__(self) -> None:
        self.media: dict[str, Medium] = {}
        self.points = 0
        self.look_on: Callable[[str, str], None] = lambda what, path: None
        # Called before a write or a sync; another answer than SQLITE_OK is what SQLite gets.
        self.fault: Callable[[str, str], int] = lambda what, path: SQLITE_OK
        self._open_files: dict[int, str] = {}
        self._tables: dict[int, Any] = {}
        self._real: dict[int, tuple[Any, ...]] = {}
        self._kept: list[Any] = []

    def install(self) -> None:
        """Makes this the default VFS of the process."""
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = Address
        library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
        library.sqlite3_vfs_register.argtypes = [Address, ctypes.c_int]
        real = library.sqlite3_vfs_find(None)
        ours = ctypes.create_string_buffer(ctypes.string_at(real, _VFS_BYTES), _VFS_BYTES)
        name = ctypes.create_string_buffer(b"faulty")
        real_open = _OPEN(_pointer_at(real + _VFS_OPEN))
        real_delete = _DELETE(_pointer_at(real + _VFS_DELETE))

        def opening(vfs: int, path: int | None, file: int, flags: int, out: int) -> int:
            code = int(real_open(real, path, file, flags, out))
            if code == SQLITE_OK and path:
                self._opened(file, os.fsdecode(ctypes.string_at(path)))
            return code

        def deleting(vfs: int, path: int, sync: int) -> int:
            where = os.fsdecode(ctypes.string_at(path))
            code = int(real_delete(real, path, sync))
            medium = self.media.get(where)
            if code == SQLITE_OK and medium is not None:
                medium.pending.append(("delete", 0, b""))
                if sync:
                    medium.sync()
            return code

        open_callback, delete_callback = _OPEN(_guarded(opening)), _DELETE(_guarded(deleting))
        self._kept += [library, ours, name, open_callback, delete_callback, real_open, real_delete]
        base = ctypes.addressof(ours)
        _put(base + _VFS_NAME, ctypes.addressof(name))
        _put(base + _VFS_OPEN, ctypes.cast(open_callback, Address).value)
        _put(base + _VFS_DELETE, ctypes.cast(delete_callback, Address).value)
        _installed.append(self)
        assert library.sqlite3_vfs_register(base, 1) == SQLITE_OK

    def survivors(self, chance: random.Random) -> dict[str, bytes | None]:
        """One thing that a power cut now may leave, by path."""
        return {path: medium.survivor(chance) for path, medium in sorted(self.media.items())}

    # --- what SQLite calls ------------------------------------------------------------------

    def _opened(self, file: int, path: str) -> None:
        if path not in self.media:
            with open(path, "rb") as handle:
                content = bytearray(handle.read())
            self.media[path] = Medium(content, bool(content))
        self._open_files[file] = path
        methods = _pointer_at(file)
        if methods not in self._tables:
            self._tables[methods] = self._table(methods)
        _put(file, ctypes.addressof(self._tables[methods]))

    def _table(self, methods: int) -> Any:
        """A copy of a table of file methods with four of our own."""
        version = ctypes.c_int.from_address(methods).value
        size = _METHODS_V3_BYTES if version >= 3 else _METHODS_V2_BYTES
        table = ctypes.create_string_buffer(ctypes.string_at(methods, size), size)
        real = (
            _CLOSING(_pointer_at(methods + _CLOSE)),
            _WRITING(_pointer_at(methods + _WRITE)),
            _TRUNCATING(_pointer_at(methods + _TRUNCATE)),
            _SYNCING(_pointer_at(methods + _SYNC)),
        )

        def closing(file: int) -> int:
            self._open_files.pop(file, None)
            return int(real[0](file))

        def writing(file: int, data: int, length: int, offset: int) -> int:
            path = self._open_files[file]
            code = self._point("write", path) or int(real[1](file, data, length, offset))
            if code == SQLITE_OK:
                self.media[path].pending += sectors(offset, ctypes.string_at(data, length))
            return code

        def truncating(file: int, size: int) -> int:
            path = self._open_files[file]
            code = self._point("write", path) or int(real[2](file, size))
            if code == SQLITE_OK:
                self.media[path].pending.append(("truncate", size, b""))
            return code

        def syncing(file: int, flags: int) -> int:
            path = self._open_files[file]
            code = self._point("sync", path) or int(real[3](file, flags))
            medium = self.media[path]
            if code == SQLITE_OK:
                medium.sync()
                self._sync_deletions()
            else:
                # After a failed fsync the system may have thrown away what it could not write
                # (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
                medium.pending = medium.pending[: len(medium.pending) // 2]
            return code

        callbacks = (
            (_CLOSE, _CLOSING(_guarded(closing))),
            (_WRITE, _WRITING(_guarded(writing))),
            (_TRUNCATE, _TRUNCATING(_guarded(truncating))),
            (_SYNC, _SYNCING(_guarded(syncing))),
        )
        for place, callback in callbacks:
            _put(ctypes.addressof(table) + place, ctypes.cast(callback, Address).value)
        self._kept += [real, callbacks]
        return table

    def _sync_deletions(self) -> None:
        """SQLite syncs the folder with a new log; a file system commits deletions in order."""
        for medium in self.media.values():
            if medium.pending and medium.pending[-1][0] == "delete":
                medium.sync()

    def _point(self, what: str, path: str) -> int:
        self.points += 1
        self.look_on(what, path)
        return self.fault(what, path)


def leave(code: int) -> NoReturn:
    """Ends the process at once, with what it printed."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _pointer_at(address: int) -> int:
    return Address.from_address(address).value or 0


def _put(address: int, value: int | None) -> None:
    Address.from_address(address).value = value


def _guarded(function: Callable[..., int]) -> Callable[..., int]:
    """ctypes would turn an exception into a 0, that is SQLITE_OK; this ends the process."""

    def call(*arguments: Any) -> int:
        try:
            return function(*arguments)
        except BaseException:
            traceback.print_exc()
            os._exit(_EXIT_BROKEN_SHIM)

    return call
