"""Facts in a file: USB stick, phone, e-mail."""
