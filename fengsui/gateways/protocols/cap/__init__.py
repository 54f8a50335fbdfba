"""CAP 1.2 (OASIS): read with its envelopes and older versions, check, verify, write."""

from fengsui.gateways.protocols.cap.writing import MEDIA_TYPE, write_cap, write_feed

__all__ = ["MEDIA_TYPE", "write_cap", "write_feed"]
