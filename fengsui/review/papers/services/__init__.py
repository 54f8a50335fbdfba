"""The verbs on papers."""

from fengsui.review.papers.services.drawing import draw_lists
from fengsui.review.papers.services.relaying import record_chain
from fengsui.review.papers.services.reporting import bulletin_as_pdf, issue_bulletin
from fengsui.review.papers.services.reviewing import review_as_pdf
from fengsui.review.papers.services.sharing import look, make_share, withdraw_share
from fengsui.review.papers.services.taking import take_list

__all__ = [
    "bulletin_as_pdf",
    "draw_lists",
    "issue_bulletin",
    "look",
    "make_share",
    "record_chain",
    "review_as_pdf",
    "take_list",
    "withdraw_share",
]
