"""Telegrams: five messages of life safety that fit 78 bytes. Pure."""
