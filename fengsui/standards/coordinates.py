"""Coordinates are kept as whole numbers of 1e-7 degree (WGS-84): about a centimetre, no floats."""

E7 = 10_000_000
