"""The reads of papers. Each takes a viewer and shows what that viewer may see."""

from fengsui.review.papers.queries.bulletins import (
    bulletin,
    bulletins,
    draft,
    office_of,
    standing_numbers,
)
from fengsui.review.papers.queries.chains import card, chain, relayed
from fengsui.review.papers.queries.lists import (
    drawn_list,
    moment_in,
    overview,
    taken,
    unanswered_at,
)
from fengsui.review.papers.queries.reviews import paper_verdict, review
from fengsui.review.papers.queries.shares import open_share, share_named, shared, shares

__all__ = [
    "bulletin",
    "bulletins",
    "card",
    "chain",
    "draft",
    "drawn_list",
    "moment_in",
    "office_of",
    "open_share",
    "overview",
    "paper_verdict",
    "relayed",
    "review",
    "share_named",
    "shared",
    "shares",
    "standing_numbers",
    "taken",
    "unanswered_at",
]
