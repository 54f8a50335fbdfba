"""A small app that stands for any app: beacons are lit, seen and named."""
