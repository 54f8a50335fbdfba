"""Paper out, paper in."""
