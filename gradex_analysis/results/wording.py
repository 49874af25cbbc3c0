"""How does a paper write a number, an interval, a count?

Every text with a number is made here, fit for a word processor: a true minus, a non-breaking space
between number and unit, no leading zero where nothing can exceed 1. Tables hold numbers, not these.
"""

from __future__ import annotations

import math

NO_BREAK = "\u00a0"
LEVEL = f"95{NO_BREAK}%"  #: of every interval
NONE = "\u2013"  #: what a table's cell shows where there is no number
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()


def number(value: float, digits: int = 1) -> str:
    """Return a number with a true minus sign; "not available" for NaN."""
    if math.isnan(value):
        return "not available"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\u2212")


def quantity(value: float, unit: str, digits: int = 1) -> str:
    """Return a number that no line end parts from its unit."""
    return f"{number(value, digits)}{NO_BREAK}{unit}"


def between(low: float, high: float, digits: int = 1) -> str:
    """Return ``low to high``: a dash between numbers would read as a minus."""
    return f"{number(low, digits)} to {number(high, digits)}"


def interval(low: float, high: float, digits: int = 1) -> str:
    """Return ``95 % CI low to high``, or say that there is none."""
    if math.isnan(low) or math.isnan(high):
        return "no interval: a single patient"
    return f"{LEVEL} CI {between(low, high, digits)}"


def count(n: int, what: str) -> str:
    """Return ``1 patient`` or ``2 patients``."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def ordinal(n: int) -> str:
    """Return ``first`` ... ``tenth``, ``11th``, ``22nd``."""
    if n <= len(ORDINALS):
        return ORDINALS[n - 1]
    ending = "th" if 10 < n % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def percent(n: float, total: float, digits: int = 0) -> str:
    """Return the share in percent; some never reads as none, nor most as all; a dash of none."""
    if total == 0:
        return NONE
    step = 10.0**-digits
    share = 100 * n / total
    if 0 < share < step / 2:
        return f"<{NO_BREAK}{quantity(step, '%', digits)}"
    if 100 - step / 2 < share < 100:
        return f">{NO_BREAK}{quantity(100 - step, '%', digits)}"
    return quantity(share, "%", digits)


def count_percent(n: int, total: int, digits: int = 0) -> str:
    """Return ``12 (40 %)``."""
    return f"{n:,} ({percent(n, total, digits)})"


def mean_sd(mean: float, sd: float, digits: int = 1) -> str:
    """Return ``47.2 (11.3)``; a dash for a mean of none and for the SD of a single value."""
    if math.isnan(mean):
        return NONE
    spread = NONE if math.isnan(sd) else number(sd, digits)
    return f"{number(mean, digits)} ({spread})"


def median_range(median: float, q1: float, q3: float, digits: int = 1) -> str:
    """Return ``12.0 (8.0 to 15.5)``, median and quartiles; a dash for a median of none."""
    if math.isnan(median):
        return NONE
    return f"{number(median, digits)} ({between(q1, q3, digits)})"


def p_value(p: float) -> str:
    """Return ``.011``, ``< .001`` or ``> .999`` for a table's cell; a dash for none."""
    if math.isnan(p):
        return NONE
    if p < 0.001:
        return f"<{NO_BREAK}.001"
    if p > 0.999:
        return f">{NO_BREAK}.999"
    return f"{p:.3f}".removeprefix("0")


def say_p(p: float) -> str:
    """Return ``p = .011`` or ``p < .001`` for a sentence."""
    text = p_value(p)
    sign = "" if text.startswith(("<", ">")) else f"={NO_BREAK}"
    return f"p{NO_BREAK}{sign}{text}"
