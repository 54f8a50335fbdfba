"""The nodes this one talks to, and what each has on its disk."""
