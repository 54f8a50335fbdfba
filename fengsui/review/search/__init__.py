"""Search: one box for places, persons, numbers and initials."""
