"""Any night again, from facts alone."""
