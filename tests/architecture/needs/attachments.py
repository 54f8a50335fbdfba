"""Files of a row: seen by whom the row is seen."""

from __future__ import annotations

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.attachments import services
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /attachments/limits": SIGNED_IN,
    "POST /attachments": {P.EDIT_REGISTERS},
    # one's own upload; another's is not found
    "GET /attachments/uploads/{upload_id}": SIGNED_IN,
    "DELETE /attachments/uploads/{upload_id}": SIGNED_IN,
    "PUT /attachments/uploads/{upload_id}/content": SIGNED_IN,
    "GET /attachments/{attachment_id}": {P.SEE_PLACES},
    "POST /attachments/{attachment_id}/withdraw": {P.EDIT_REGISTERS},
    "GET /ledgers/{ledger}/rows/{row_id}/attachments": {P.SEE_PLACES},
}
KNOWN = {"upload_id": "1", "ledger": "places", "row_id": world.SHITAN}
WORDS = {
    "owner_ledger": "places",
    "owner_id": world.SHITAN,
    "file_name": "示意.pdf",
    "sha256": "0" * 64,
    "reason": "示意理由",
}
# The upload is nobody's; the content of the file has not come to this node.
HOLLOW = {"GET /attachments/uploads/{upload_id}", "GET /attachments/{attachment_id}"}


def known(county: world.County) -> dict[str, str]:
    """A file of the village, of which the content is elsewhere."""
    done = services.attach(
        viewer=node_viewer(),
        owner_ledger="places",
        owner_key=world.SHITAN,
        file_name="示意.pdf",
        sha256="0" * 64,
        size=1,
        found={"kind": "pdf", "public_sha256": "", "thumbnail_sha256": ""},
    )
    return {"attachment_id": str(done["attachment_id"])}
