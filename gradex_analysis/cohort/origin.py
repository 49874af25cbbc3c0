"""Where did a cohort come from, and what became of every row on the way in?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gradex_analysis.cohort.rules import no_problems


@dataclass(frozen=True, eq=False, kw_only=True)
class Origin:
    """Where a cohort came from and what became of every row and value on the way in.

    ``accounting`` has one row per file and unit (``rows``, ``values``): ``raw = kept + rejected +
    waiting``, always. ``provenance[table]`` lies beside the table, row by row: integer codes of
    ``source`` (position in ``sources``), ``column`` (position in ``columns``) and the physical
    ``row``; 8 bytes a row.
    """

    sources: pd.DataFrame
    columns: tuple[str, ...]
    provenance: Mapping[str, pd.DataFrame]
    problems: pd.DataFrame
    questions: pd.DataFrame
    accounting: pd.DataFrame
    dropped_columns: pd.DataFrame
    mapping_text: str = ""
    draft: str = ""

    def keep(self, kept: Mapping[str, np.ndarray]) -> Origin:
        """Return the origin of a part of the tables: ``kept`` marks the rows of each."""
        some = {
            name: frame[kept[name]].reset_index(drop=True)
            for name, frame in self.provenance.items()
        }
        return replace(self, provenance=some)


def of_memory(tables: Mapping[str, pd.DataFrame], typed: Mapping[str, pd.DataFrame]) -> Origin:
    """Return the origin of tables that a program made."""
    provenance = {
        name: pd.DataFrame(
            {
                "source": np.int16(0),
                "column": np.int16(0),
                "row": np.arange(1, len(frame) + 1, dtype=np.int32),
            }
        )
        for name, frame in typed.items()
    }
    counts = [(name, "rows", len(frame), len(frame), 0, 0) for name, frame in tables.items()]
    return Origin(
        sources=pd.DataFrame({"file": ["(memory)"], "sha256": [""]}),
        columns=("",),
        provenance=provenance,
        problems=no_problems(),
        questions=pd.DataFrame(),
        accounting=pd.DataFrame(
            counts, columns=["file", "unit", "raw", "kept", "rejected", "waiting"]
        ),
        dropped_columns=pd.DataFrame(columns=["file", "column", "n_values", "reason"]),
    )
