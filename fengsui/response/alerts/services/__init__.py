"""The alert desk's verbs. Every decision is a fact; whoever approves is another than the author."""

from fengsui.response.alerts.services.all_at_once import call_all_levels
from fengsui.response.alerts.services.authorising import (
    sign_authorisation,
    stop_authorisation,
)
from fengsui.response.alerts.services.deciding import (
    approve_alert,
    cancel_alert,
    edit_alert,
    expire_alerts,
    return_alert,
    review_self_rescue,
    submit_alert,
)
from fengsui.response.alerts.services.receiving import (
    carry_on,
    draft_alert,
    import_warning,
    paste_bulletin,
    self_rescue_call,
)

__all__ = [
    "approve_alert",
    "call_all_levels",
    "cancel_alert",
    "carry_on",
    "draft_alert",
    "edit_alert",
    "expire_alerts",
    "import_warning",
    "paste_bulletin",
    "return_alert",
    "review_self_rescue",
    "self_rescue_call",
    "sign_authorisation",
    "stop_authorisation",
    "submit_alert",
]
