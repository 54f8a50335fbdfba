"""The layout of the national warning release system (12379; GB/T 35965.1-2018): read and write."""

from fengsui.gateways.protocols.warning12379.writing import write_12379

__all__ = ["write_12379"]
