"""The machine a node runs on: its disk, its clock, its backups, its certificate."""
