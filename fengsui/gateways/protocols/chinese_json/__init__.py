"""Chinese warnings as JSON from weather services: a table of layouts, one reader."""
