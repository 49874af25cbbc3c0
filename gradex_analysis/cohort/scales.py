"""On which scale was a rating given, and what is it on 0 to 100?"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import MappingError


@dataclass(frozen=True)
class Scale:
    """A rating scale: its ends, in the patient's own numbers. ``low`` is the floor."""

    scale_id: str
    low: float
    high: float


def parse_scale(text: str) -> Scale:
    """Read ``"0-100"`` as the scale from 0 to 100; the text is the scale's id."""
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)", text.strip())
    if match is None or float(match[1]) >= float(match[2]):
        raise MappingError(
            f'A scale is written as its two ends, the lower first, like "0-10"; not {text!r}.'
        )
    return Scale(text.strip(), float(match[1]), float(match[2]))


def scale_frame(scale_ids: pd.Series) -> pd.DataFrame:
    """Return one row per distinct scale in use: ``scale_id, min, max``."""
    scales = [parse_scale(text) for text in sorted(scale_ids.dropna().unique())]
    rows = [(scale.scale_id, scale.low, scale.high) for scale in scales]
    return pd.DataFrame(rows, columns=["scale_id", "min", "max"])


def scale_ends(scale_ids: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return each rating's lower and upper scale end; NaN where no scale is known."""
    codes, names = pd.factorize(scale_ids)
    ends = np.array([(s.low, s.high) for s in map(parse_scale, names)] + [(np.nan, np.nan)])
    return ends[codes, 0], ends[codes, 1]
