"""Imports and exports: an import is its owner's alone; a mapping is an office's; rows are gated."""

from __future__ import annotations

from fengsui.foundation.imports import services
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    # One's own, on this machine; another's is not found. Announcing a file writes nothing of any
    # place; who may not edit that ledger anywhere is refused (tests/stories/test_import_edges.py).
    "POST /imports": SIGNED_IN,
    "GET /imports": SIGNED_IN,
    "GET /imports/{import_id}": SIGNED_IN,
    "PUT /imports/{import_id}/content": SIGNED_IN,
    "GET /imports/{import_id}/guess": SIGNED_IN,
    "PUT /imports/{import_id}/mapping": SIGNED_IN,
    "GET /imports/{import_id}/rows": SIGNED_IN,
    "PUT /imports/{import_id}/rows/{n}": SIGNED_IN,
    "POST /imports/{import_id}/carry-out": SIGNED_IN,
    "POST /imports/{import_id}/cancel": SIGNED_IN,
    "GET /import-mappings": {P.SEE_PLACES},
    # Kept for one's own office: tests/stories/test_import_edges.py.
    "POST /import-mappings": SIGNED_IN,
    "DELETE /import-mappings/{mapping_id}": {P.EDIT_REGISTERS},
    "POST /ledgers/{name}/export": {P.SEE_PLACES},
    "GET /ledgers/{name}/template": {P.SEE_PLACES},
    "GET /exports": SIGNED_IN,  # one's own, and those of places whose record one verifies
}
KNOWN = {"import_id": "0" * 32, "n": "1", "ledger": "places", "offset": "0"}
WORDS = {
    "ledger": "places",
    "file_name": "示意.csv",
    "bytes": 10,
    "columns": {"名称": "name"},
    "header_row": 1,
    "format": "csv",
    "recipient": "示意办公室",
    "title": "示意",
}
HOLLOW = {
    "GET /imports/{import_id}",
    "PUT /imports/{import_id}/content",
    "GET /imports/{import_id}/guess",
    "PUT /imports/{import_id}/mapping",
    "GET /imports/{import_id}/rows",
    "PUT /imports/{import_id}/rows/{n}",
    "POST /imports/{import_id}/carry-out",
    "POST /imports/{import_id}/cancel",
}
# Headers and columns say nothing of a place.
COUNTY_WIDE = {"GET /ledgers/{name}/template"}


def known(county: world.County) -> dict[str, str]:
    """A mapping that the township of 石滩村 has saved."""
    saved = services.save_mapping(
        viewer=county.viewer("qingshi"), ledger="places", title="示意", columns={"名称": "name"}
    )
    return {"mapping_id": str(saved["id"])}
