"""Phones that belong to a person: their keys and what they sent."""
