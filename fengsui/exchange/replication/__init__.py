"""Two nodes bring each other's feeds up to date: the sans-IO core. No Django."""
