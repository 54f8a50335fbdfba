"""Write a bundle for a node."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fengsui.exchange.bundles import layout, queries
from fengsui.exchange.bundles.errors import NOT_WRITTEN
from fengsui.exchange.bundles.layout import BUNDLE_BYTES_MAX, BundleFaultError
from fengsui.exchange.bundles.models import Passage
from fengsui.exchange.bundles.states import Direction, ReadingState
from fengsui.exchange.neighbours import identity
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command

Progress = Callable[[int, int], None]  # facts done, facts in all


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle file that was written."""

    digest: bytes
    facts: int
    size: int
    receiver_name: str


def export_bundle(
    viewer: Viewer,
    node: str,
    out: IO[bytes],
    *,
    everything: bool = False,
    progress: Progress | None = None,
) -> Written:
    """Writes a bundle for a node (name, place code or key in hex) to an open file.

    It holds what the node may hold and, by its own last word, does not; all of it with
    `everything`. Nothing counts as delivered by this: that is for the bundle that comes back.
    """
    planned = queries.plan(viewer, node, everything=everything)
    bundle = planned.bundle
    done = 0

    def counted() -> Any:
        nonlocal done
        for runs in queries.pieces(bundle.ranges):
            yield runs
            done += sum(len(run.facts) for run in runs)
            if progress is not None:
                progress(done, bundle.facts)

    hashed = hashlib.sha256()
    size = 0
    for part in layout.write_parts(bundle, counted()):
        hashed.update(part)
        size += len(part)
        out.write(part)
    digest = hashed.digest()
    seal = layout.write_seal(digest, identity.own_key().sign(layout.sealed_bytes(digest)))
    out.write(seal)
    note_written(
        viewer=viewer,
        digest=digest,
        node_key=bundle.receiver,
        node_name=planned.receiver_name,
        created_ms=bundle.created_ms,
        facts=bundle.facts,
    )
    return Written(digest, bundle.facts, size + len(seal), planned.receiver_name)


def export_to_file(
    viewer: Viewer,
    node: str,
    path: Path,
    *,
    everything: bool = False,
    progress: Progress | None = None,
) -> Written:
    """Writes a bundle to a path; the name appears only once the whole file is on the disk.

    Then it is read again and checked. Raises bundles.not_written as well.
    """
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as out:
            written = export_bundle(viewer, node, out, everything=everything, progress=progress)
            out.flush()
            os.fsync(out.fileno())
        with partial.open("rb") as again:
            layout.open_sealed(again, BUNDLE_BYTES_MAX)
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, BundleFaultError) as error:
        raise NOT_WRITTEN(detail=str(error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return written


@command
def note_written(
    *, viewer: Viewer, digest: bytes, node_key: bytes, node_name: str, created_ms: int, facts: int
) -> dict[str, Any]:
    """Takes down that a bundle was written here, for whom and by whom."""
    Passage.objects.update_or_create(
        direction=Direction.WRITTEN,
        digest=digest,
        defaults={
            "state": ReadingState.DONE,
            "node_key": node_key,
            "node_name": node_name[:80],
            "person_id": viewer.person_id,
            "at": clock.now(),
            "created_ms": created_ms,
            "facts": facts,
        },
    )
    return {"digest": digest}
