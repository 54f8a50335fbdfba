"""What the field says: SOS, headcounts, quick reports, who moved first."""
