"""What are the default trial's estimands? Simulate 200,000 patients and average.

Run ``python benchmarks/simulate_estimands.py [PATIENTS]`` (about two minutes); it rewrites
``gradex_analysis/simulation/estimands.json``. For another setting call ``estimate`` with it:
clipping, rounding and logit links leave no closed form. Every patient has an own therapist here,
so that the estimands are those of therapists at large, not of twelve.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import Bools, Floats
from gradex_analysis.simulation.engine import Lives, live
from gradex_analysis.simulation.exposing import DONE, PARTIAL
from gradex_analysis.simulation.instruments import INSTRUMENTS, OCCASION_DAYS, OCCASIONS

FILE = Path(__file__).parents[1] / "gradex_analysis" / "simulation" / "estimands.json"
SEED, SITES = 20_240_108, 3
STRATEGIES = ("treatment_policy", "completers")
Row = dict[str, object]


def estimate(setting: Setting) -> list[Row]:
    """Return one row per estimand with its Monte Carlo standard error."""
    arms = [arm.name for arm in setting.arms]
    scores, ratios = [], []
    for some in live(setting):
        is_completer = np.isnan(some.leave_day) | (some.leave_day > OCCASION_DAYS[1])
        scores.append((some.office.arm, is_completer, some.scores))
        ratios.append(_exposing_sums(some, is_completer))
    arm, is_completer, values = map(np.concatenate, zip(*scores, strict=True))
    rows = [
        row
        for strategy in STRATEGIES
        for row in _contrasts(values, arm, is_completer | (strategy == STRATEGIES[0]), arms)
        if row.update(strategy=strategy) is None
    ]
    return rows + _exposing_estimands(pd.concat(ratios, ignore_index=True), arms)


def _contrasts(scores: Floats, arm: Floats, kept: Bools, arms: list[str]) -> Iterator[Row]:
    """Yield arm minus reference for every later occasion and questionnaire."""
    for (one, name), (other, reference) in combinations(enumerate(arms), 2):
        a, b = scores[(arm == one) & kept], scores[(arm == other) & kept]
        difference = a.mean(axis=0) - b.mean(axis=0)
        error = np.sqrt(a.var(axis=0) / len(a) + b.var(axis=0) / len(b))
        for j, instrument in enumerate(INSTRUMENTS):
            for v, occasion in enumerate(OCCASIONS[1:], start=1):
                yield {
                    "estimand": "contrast", "instrument": instrument, "occasion": occasion,
                    "arm": name, "reference": reference,
                    "estimate": difference[j, v], "mc_se": error[j, v],
                }  # fmt: skip


def _exposing_sums(some: Lives, is_completer: Bools) -> pd.DataFrame:
    """Return per exposing patient the sums from which ratios of means are taken."""
    rows = some.rows_exposing
    kept, lost = _retained(some)
    fall = some.exposing.item_fear[:, :, 0] - some.exposing.item_fear[:, :, 1]
    items = some.items.take(rows)
    held_out = items.exists & ~items.is_exposed
    return pd.DataFrame(
        {
            "arm": some.office.arm[rows],
            "is_completer": is_completer[rows],
            "log_rate": some.people.log_rate[rows],
            "half_life": np.log(2) / np.exp(some.people.log_rate[rows]),
            "retained": kept,
            "retained_of": lost,
            "held_out": (fall * held_out).sum(axis=1) / held_out.sum(axis=1),
            "exposed": (fall * items.is_exposed).sum(axis=1) / items.is_exposed.sum(axis=1),
        }
    )


def _retained(some: Lives) -> tuple[Floats, Floats]:
    """Sum over consecutive exposures of an item: start minus next start; start minus last."""
    log = some.exposing.log
    row, slot = np.nonzero(np.isin(log["status"], (DONE, PARTIAL)))
    order = np.lexsort((slot, log["item"][row, slot], row))
    row, slot = row[order], slot[order]
    item, start, last = (log[name][row, slot] for name in ("item", "start", "last_latent"))
    follows = (row[1:] == row[:-1]) & (item[1:] == item[:-1])
    n = len(log["status"])
    kept = np.bincount(row[:-1], weights=(start[:-1] - start[1:]) * follows, minlength=n)
    fell = np.bincount(row[:-1], weights=(start[:-1] - last[:-1]) * follows, minlength=n)
    return kept.astype(np.float64), fell.astype(np.float64)


def _exposing_estimands(sums: pd.DataFrame, arms: list[str]) -> list[Row]:
    rows: list[Row] = []
    for strategy in STRATEGIES:
        some = sums if strategy == STRATEGIES[0] else sums[sums["is_completer"]]
        for number in sorted(some["arm"].unique()):
            group = some[some["arm"] == number]
            numbers = {
                "mean_log_rate": _mean(group["log_rate"]),
                "mean_half_life": _mean(group["half_life"]),
                "retention": _ratio(group["retained"], group["retained_of"]),
                "generalisation": _ratio(group["held_out"], group["exposed"]),
            }
            rows += [
                {"estimand": name, "arm": arms[number], "estimate": value, "mc_se": error,
                 "strategy": strategy}
                for name, (value, error) in numbers.items()
            ]  # fmt: skip
    return rows


def _mean(values: pd.Series) -> tuple[float, float]:
    return values.mean(), values.std() / np.sqrt(len(values))


def _ratio(above: pd.Series, below: pd.Series) -> tuple[float, float]:
    """Return the ratio of means and its standard error over patients (linearised)."""
    ratio = above.mean() / below.mean()
    return ratio, (above - ratio * below).std() / below.mean() / np.sqrt(len(above))


def main(patients: int) -> None:
    setting = Setting(n=patients, seed=SEED, sites=SITES, therapists_per_site=patients)
    rows = [{name: _short(value) for name, value in row.items()} for row in estimate(setting)]
    lines = ",\n".join(json.dumps(row) for row in rows)
    head = f'"patients": {patients}, "seed": {SEED}'
    FILE.write_text(f'{{{head}, "estimands": [\n{lines}\n]}}\n', encoding="utf-8")


def _short(value: object) -> object:
    return round(float(value), 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
