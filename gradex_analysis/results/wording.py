"""How does a paper write a number, an interval, a count?"""

from __future__ import annotations

import math


def number(value: float, digits: int = 1) -> str:
    """Return a number with a true minus sign; "not available" for NaN."""
    if math.isnan(value):
        return "not available"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\u2212")


def interval(low: float, high: float, digits: int = 1) -> str:
    """Return ``95 % CI low to high``, or say that there is none."""
    if math.isnan(low) or math.isnan(high):
        return "no interval: a single patient"
    return f"95 % CI {number(low, digits)} to {number(high, digits)}"


def count(n: int, what: str) -> str:
    """Return ``1 patient`` or ``2 patients``."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
