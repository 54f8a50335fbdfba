"""Quiet times: plans, duty, inspections."""
