"""Imports and exports: an office's own sheets in, and out again."""
