"""Papers: lists, the group's chain, duty reports, reviews, links for an inquiry."""

from __future__ import annotations

from datetime import timedelta

from fengsui.foundation.journal import clock
from fengsui.response.alerts.models import Alert
from fengsui.review.papers import services
from tests.architecture.needs import PUBLIC, SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /papers/callouts/{callout_id}": {P.SEE_CALLS},
    "POST /papers/callouts/{callout_id}/list": {P.SEE_CALLS},
    "GET /papers/callouts/{callout_id}/card": {P.SEE_CALLS},
    "GET /papers/callouts/{callout_id}/relayed": {P.SEE_CALLS},
    "POST /papers/callouts/{callout_id}/relayed": {P.ANSWER_FOR_OTHERS},
    "GET /papers/alerts/{alert_id}/draft": {P.DRAFT_ALERT},
    "GET /papers/alerts/{alert_id}/bulletins": {P.SEE_CALLS},
    "POST /papers/alerts/{alert_id}/bulletins": {P.DRAFT_ALERT},
    "GET /papers/bulletins/{bulletin_id}.pdf": {P.SEE_CALLS},
    "GET /papers/callouts/{callout_id}/review": {P.SEE_CALLS},
    "POST /papers/callouts/{callout_id}/review": {P.SEE_CALLS},
    # Says only whether these very bytes were signed here; whose they are only in one's own places.
    "POST /papers/verify": SIGNED_IN,
    "GET /papers/callouts/{callout_id}/shares": {P.VERIFY_RECORD},
    "POST /papers/callouts/{callout_id}/shares": {P.VERIFY_RECORD},
    "POST /papers/shares/{share_id}/withdraw": {P.VERIFY_RECORD},
    "POST /papers/shared": PUBLIC,  # token and code stand for a session: test_papers_attacked.py
}
# Nobody holds a token on this night.
HOLLOW = {"POST /papers/shared"}


def known(county: world.County) -> dict[str, str]:
    """A report about the warning over 石滩村 and a link to its callout."""
    alert = Alert.objects.exclude(callout_id=None).get()
    assert alert.callout_id is not None
    made = services.issue_bulletin(
        viewer=county.viewer("officer"),
        alert_id=alert.pk,
        kind="first",
        sections=[{"key": "a", "title": "基本情况", "text": "示意文字"}],
    )
    share = services.make_share(
        viewer=county.viewer("officer"),
        callout_id=alert.callout_id,
        parts=["review"],
        recipient="示意调查组",
        reason="示意理由",
        expires_at=clock.now() + timedelta(hours=2),
    )
    return {"bulletin_id": str(made["bulletin_id"]), "share_id": str(share["share_id"])}
