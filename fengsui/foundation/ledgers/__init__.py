"""Ledgers 台账: how any register is listed, changed, withdrawn and put back."""
