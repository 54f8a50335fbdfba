"""The verbs on places."""
