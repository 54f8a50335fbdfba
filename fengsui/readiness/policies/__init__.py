"""The county's own calling rules: policies, messages, lines, and how to reach who hears no call."""
