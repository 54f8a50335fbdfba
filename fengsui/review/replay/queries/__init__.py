"""The reads of a replay. Each takes a viewer and shows what that viewer may see."""

from fengsui.review.replay.queries.nights import nights
from fengsui.review.replay.queries.people import households, people
from fengsui.review.replay.queries.score import score

__all__ = ["households", "nights", "people", "score"]
