"""Which steps are on a patient's ladder, and which prediction was tested most often?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.hierarchy.progress_rows import order_exposures
from gradex_analysis.loaders.columns import is_free_text
from gradex_analysis.measures.hierarchy_items import ITEM, compare_peaks, list_hierarchies

HAPPENED = ("no", "partly", "yes")
OF_ITEM, OF_EXPOSURE = "of the step at first", "before its first exposure"
COUNTS = ["n_done", "n_peaks", "n_compared"]
PEAKS = {
    **dict.fromkeys(COUNTS, "int64"), "peak_source": "str", "first_number": "Int64",
    "first_peak": "float64", "latest_number": "Int64", "latest_peak": "float64",
}  # fmt: skip


def list_steps(part: Cohort, kind: str) -> pd.DataFrame:
    """List the items of a cohort of one patient as steps, 1 the easiest.

    By planned rank where every item has one; else by the fear expected, and by the first peak
    where none was; the others come first.

    Returns
    -------
    DataFrame
        One row per item: ``patient_id, item_id, step, planned_rank, expected`` (0 to 100: of the
        item at first, else before its first exposure) and ``expected_from``, ``n_done, n_peaks``,
        and of the peaks of one source ``first_number, first_peak, latest_number, latest_peak``.
    """
    table = list_hierarchies(part)
    done = _list_done(part, kind)
    if done.empty:
        peaks = pd.DataFrame({name: pd.Series(dtype=of) for name, of in PEAKS.items()})
        table = table.join(peaks.reindex(table.index))
    else:
        table = table.merge(compare_peaks(done).reset_index(), on=ITEM, how="left")
    table[COUNTS] = table[COUNTS].fillna(0).astype("int64")
    table = table.astype({name: of for name, of in PEAKS.items() if name not in COUNTS})
    before = part.exposures.loc[done["row"], "expected_peak_fear"].to_numpy("float64")
    own = done[ITEM].assign(before=before).drop_duplicates(ITEM)
    table = table.merge(own, on=ITEM, how="left")
    of_item = table["expected_fear"].notna()
    table["expected"] = table["expected_fear"].fillna(table["before"])
    source = np.select([of_item, table["before"].notna()], [OF_ITEM, OF_EXPOSURE], "")
    table["expected_from"] = source
    table = _in_order(table)
    order = [*ITEM, "step", "planned_rank", "expected", "expected_from", *PEAKS]
    return table[order]


def _list_done(part: Cohort, kind: str) -> pd.DataFrame:
    """List what was done in the order of time; nothing where nothing was."""
    if part.exposures.empty:
        columns = [*ITEM, "row", "number", "peak", "peak_source"]
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return order_exposures(part, kind)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    if table["planned_rank"].notna().all():
        order = ["planned_rank", "item_id"]
    else:
        table["hardness"] = table["expected"].fillna(table["first_peak"])
        order = ["hardness", "item_id"]
    table = table.sort_values(order, kind="stable", na_position="first", ignore_index=True)
    table.insert(2, "step", np.arange(1, len(table) + 1))
    return table


def find_prediction(part: Cohort, kind: str, steps: pd.DataFrame) -> dict[str, Any] | None:
    """Find the prediction that was tested most often; the earliest of those in a tie.

    Exposures belong to one prediction by their ``prediction_code``, else their item's
    ``feared_outcome_code``, else their item. A code that is a sentence is not read. What happened
    counts in words where any exposure has them, and as numbers only where none has.

    Returns
    -------
    dict or None
        ``code`` ("" without one), ``step`` (of its item; None where a code spans items),
        ``expected`` (the first expectancy, None where nobody asked), ``n_tested``, of these ``n_no,
        n_partly, n_yes``, or of numbers ``first`` and ``latest`` (None in words).
    """
    done = _list_done(part, kind)
    if done.empty:
        return None
    own = part.exposures.loc[done["row"]].reset_index(drop=True)
    in_words = bool(own["occurrence"].isin(HAPPENED).any())
    is_tested = own["occurrence"].isin(HAPPENED) if in_words else own["occurrence_100"].notna()
    tested = own.assign(code=_codes(part, own))[is_tested.to_numpy(dtype=bool)]
    if tested.empty:
        return None
    tested = tested.assign(key=tested["code"].where(tested["code"] != "", "\0" + tested["item_id"]))
    counts = tested.groupby("key", sort=False).size()
    chosen = tested[tested["key"] == counts.idxmax()]
    return _describe(chosen, steps, in_words=in_words)


def _describe(chosen: pd.DataFrame, steps: pd.DataFrame, *, in_words: bool) -> dict[str, Any]:
    code = str(chosen["code"].iloc[0])
    step = steps.set_index("item_id")["step"][chosen["item_id"].iloc[0]]
    expected = chosen["expectancy_before"].dropna()
    said: dict[str, Any] = {
        "code": code,
        "step": None if code else int(step),
        "expected": float(expected.iloc[0]) if len(expected) else None,
        "n_tested": len(chosen),
    }
    if in_words:
        n = {f"n_{word}": int((chosen["occurrence"] == word).sum()) for word in HAPPENED}
        return {**said, **n, "first": None, "latest": None}
    values = chosen["occurrence_100"]
    return {**said, "first": float(values.iloc[0]), "latest": float(values.iloc[-1])}


def _codes(part: Cohort, own: pd.DataFrame) -> pd.Series:
    """Return each exposure's code of what was predicted; "" without one."""
    items = part.items.drop_duplicates("item_id").set_index("item_id")["feared_outcome_code"]
    for codes in (own["prediction_code"], own["item_id"].map(items)):
        text = codes.astype("str").fillna("")
        if text.str.strip().ne("").any() and not is_free_text(text):
            return text.str.strip()
    return pd.Series("", index=own.index, dtype="str")
