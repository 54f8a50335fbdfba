"""Power: disks that lie, fill up and tear; clocks that die; backups that come back."""
