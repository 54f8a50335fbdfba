"""The reads of the search box, and of the rows that it indexes."""

from fengsui.review.search.queries.find import find

__all__ = ["find"]
