"""Sync over HTTPS."""
