"""What is known about a questionnaire?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Better = Literal["lower", "higher", ""]


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A questionnaire: how it is scored, the ends of its total and which of them is better.

    ``better`` is "" and numbers are NaN where nobody said. Changes are in points of the total.
    ``reversed_items`` and ``subscales`` name items by their number in the questionnaire, from 1.
    ``numberings`` holds other numbers that exports give the same items, in the same order.
    ``missing_counts_as`` is the response that an unanswered item counts as; NaN: no total then.
    The flags ``verified`` say whether that very number was read in its source.
    """

    name: str
    label: str = ""
    version: str = ""
    low: float = math.nan
    high: float = math.nan
    better: Better = ""
    n_items: int = 0
    response_low: float = math.nan
    response_high: float = math.nan
    reversed_items: tuple[int, ...] = ()
    subscales: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    numberings: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    missing_counts_as: float = math.nan
    missing_rule: str = ""
    detectable_change: float = math.nan
    detectable_change_source: str = ""
    detectable_change_verified: bool = False
    important_change: float = math.nan
    important_change_source: str = ""
    important_change_verified: bool = False
    licence: str = ""
    source: str = ""
    verified: bool = False

    @property
    def has_key(self) -> bool:
        """Whether its items can be summed: their number and the range of a response are known."""
        return self.n_items > 0 and math.isfinite(self.response_low + self.response_high)
