"""Ledgers: a row is seen and changed by the rights over the place where it lies."""

from __future__ import annotations

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.facts import entity_id
from fengsui.foundation.ledgers import services
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /ledgers": SIGNED_IN,
    "GET /ledgers/{name}/rows": {P.SEE_PLACES},
    "POST /ledgers/{name}/rows": {P.EDIT_REGISTERS},
    "GET /ledgers/{name}/rows/{row_id}": {P.SEE_PLACES},
    "PATCH /ledgers/{name}/rows/{row_id}": {P.EDIT_REGISTERS},
    "POST /ledgers/{name}/withdraw": {P.EDIT_REGISTERS},
    "POST /ledgers/{name}/restore": {P.EDIT_REGISTERS},
    "POST /ledgers/{name}/rows/{row_id}/reveal": {P.REVEAL_PERSONAL},
    "GET /ledgers/{name}/views": {P.SEE_PLACES},
    # one's own views; another's are not found
    "POST /ledgers/{name}/views": SIGNED_IN,
    "DELETE /ledgers/{name}/views/{view_id}": SIGNED_IN,
    "GET /change-sets": SIGNED_IN,  # those of places whose registers one edits
    "GET /change-sets/{change_set_id}": {P.EDIT_REGISTERS},
    "POST /change-sets/{change_set_id}/undo": {P.EDIT_REGISTERS},
}
KNOWN = {"name": "places"}
WORDS = {
    "values": {"code": "439901101299", "name": "示意新村"},
    "changes": {"name": "示意滩村"},
    "column": "name",
    "ids": [world.SHITAN],
    "title": "示意视图",
}
# Nothing of a place is hidden.
HOLLOW = {"POST /ledgers/{name}/rows/{row_id}/reveal"}


def known(county: world.County) -> dict[str, str]:
    """A set of changes of the village 石滩村."""
    cause = services.open_change_set(
        viewer=node_viewer(), kind="edit", title="示意", ledger="households", scope=world.SHITAN
    )
    return {"change_set_id": str(entity_id(cause)), "view_id": "1"}
