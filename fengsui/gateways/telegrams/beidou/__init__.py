"""BeiDou short messages: sentences of a terminal on a serial line. Pure."""
