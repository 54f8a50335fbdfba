"""Makes what is handed out: the wheel, its wheelhouse, the offline bundle."""
