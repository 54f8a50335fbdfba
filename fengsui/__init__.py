"""Fengsui 烽燧: wake a county, move its people, account for every one."""

__version__ = "0.1.0"
