"""Retention: what is kept for how long, and how it is erased everywhere."""
