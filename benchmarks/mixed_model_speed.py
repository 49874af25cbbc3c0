"""How much faster than statsmodels, lme4 + lmerTest and nlme are our mixed models?

Run: python benchmarks/mixed_model_speed.py
Timed: from a frame to the table of coefficients; ours with formula, missing rows, text ids and the
df (Satterthwaite unless said). The contestants take turns, after a fit of a small study each. R
(mixed_model_rivals.R) stays one warm process and holds its clock itself, without reading files;
where there is no Rscript its rows are left out, and that is said. Of unequal work: lme4, gls and
statsmodels give no df.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

SEED = 20240831
ROUNDS = 5
WARM_UP = 200
ARMS = ["usual_care", "graded_exposure"]
RIVALS = Path(__file__).with_suffix(".R").with_stem("mixed_model_rivals")
VISIT_SD = np.array([9.0, 11.0, 12.0, 14.0])
VISIT_CORRELATION = np.array(
    [[1.0, 0.7, 0.6, 0.45], [0.7, 1.0, 0.75, 0.6], [0.6, 0.75, 1.0, 0.8], [0.45, 0.6, 0.8, 1.0]]
)


class Study(NamedTuple):
    """The rows, and the file in which R finds them."""

    rows: pd.DataFrame
    file: Path


class Timing(NamedTuple):
    """Seconds of one fit, and what it says of the last coefficient."""

    seconds: float
    estimate: float
    std_error: float
    df: float


Fit = Callable[[Study], Timing]


def simulate_growth(patients: int, *, irregular: bool = False) -> pd.DataFrame:
    """Return 10 visits a patient, 15 % of them missing; 20 patients a therapist."""
    rng = np.random.default_rng([SEED, patients])
    patient, visit = np.divmod(np.arange(10 * patients), 10)
    moment = visit + irregular * rng.uniform(-0.4, 0.4, len(visit))
    arm = rng.integers(0, 2, patients)
    level, slope = rng.multivariate_normal([60.0, -2.0], [[64.0, -2.0], [-2.0, 1.0]], patients).T
    level += rng.normal(0.0, 3.0, patients // 20 + 1)[np.arange(patients) // 20]
    course = level[patient] + (slope - 0.3 * arm)[patient] * moment
    rows = pd.DataFrame(
        {
            "patient": name("P", patient),
            "therapist": name("T", patient // 20),
            "arm": pd.Categorical.from_codes(arm[patient], ARMS),
            "time": moment,
            "y": course + rng.normal(0.0, 6.0, len(course)),
        }
    )
    return rows[rng.random(len(rows)) > 0.15].reset_index(drop=True)


def simulate_visits(patients: int) -> pd.DataFrame:
    """Return 4 visits of unstructured covariance, 15 % of them missing."""
    rng = np.random.default_rng([SEED, patients])
    patient, visit = np.divmod(np.arange(4 * patients), 4)
    arm = rng.integers(0, 2, patients)
    error = rng.multivariate_normal(
        np.zeros(4), VISIT_CORRELATION * np.outer(VISIT_SD, VISIT_SD), patients
    )
    rows = pd.DataFrame(
        {
            "patient": name("P", patient),
            "arm": pd.Categorical.from_codes(arm[patient], ARMS),
            "visit": pd.Categorical.from_codes(visit, ["v1", "v2", "v3", "v4"]),
            "visit_number": visit + 1,
            "y": 50.0 - 3.0 * visit - 2.0 * visit * arm[patient] + error.ravel(),
        }
    )
    return rows[rng.random(len(rows)) > 0.15].reset_index(drop=True)


def name(letter: str, code: np.ndarray) -> pd.Series:
    return pd.Series(np.char.add(letter, np.char.zfill(code.astype(str), 6)), dtype="str")


def fit_growth(study: Study, *, df: str = "satterthwaite", nested: str | None = None) -> Timing:
    # as lmerTest has it, and as pbkrtest has it
    information = "observed" if df == "satterthwaite" else "expected"
    begun = time.perf_counter()
    fit = fit_mixed_model(
        study.rows, outcome="y", fixed="time*arm", random="time", groups="patient",
        nested=nested, df=df, information=information,
    )  # fmt: skip
    last = fit.coefficients.iloc[-1]
    seconds = time.perf_counter() - begun
    return Timing(seconds, last["estimate"], last["std_error"], last["df"])


def fit_visits(study: Study, *, df: str = "satterthwaite") -> Timing:
    begun = time.perf_counter()
    fit = fit_mmrm(
        study.rows, outcome="y", fixed="visit*arm", visit="visit", subject="patient", df=df
    )
    last = fit.coefficients.iloc[-1]
    seconds = time.perf_counter() - begun
    return Timing(seconds, last["estimate"], last["std_error"], last["df"])


def fit_with_statsmodels(study: Study) -> Timing:
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = smf.mixedlm("y ~ time*arm", study.rows, groups="patient", re_formula="~time").fit()
    seconds = time.perf_counter() - begun
    return Timing(seconds, fit.fe_params.iloc[-1], fit.bse_fe.iloc[-1], np.nan)


def fit_with_r(study: Study, *, process: subprocess.Popen[str], model: str) -> Timing:
    print(model, study.file, file=process.stdin, flush=True)
    answer = process.stdout.readline().split()
    if not answer:
        raise RuntimeError(f"R ended while it fitted {model!r}; its message is above.")
    return Timing(*(np.nan if number == "NA" else float(number) for number in answer))


@contextmanager
def r_fits() -> Iterator[dict[str, Fit]]:
    """Yield R's fits by name, all of one warm process; none where there is no Rscript."""
    models = ["lmerTest", "lme4", "pbkrtest", "lmerTest_nested", "lme4_nested", "gls"]
    if shutil.which("Rscript") is None:
        print("Rscript is not on the path: no comparison with lme4, lmerTest, pbkrtest and nlme.\n")
        yield {}
        return
    command = ["Rscript", "--vanilla", str(RIVALS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield {model: partial(fit_with_r, process=process, model=model) for model in models}
        process.stdin.close()


def keep(rows: pd.DataFrame, folder: Path) -> Study:
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    rows.to_csv(file, index=False)
    return Study(rows, file)


def race(study: Study, small: Study, fits: dict[str, Fit], rounds: int) -> dict[str, Timing]:
    """Let the fits take turns; return of each the median seconds and its last numbers."""
    runs: dict[str, list[Timing]] = {contestant: [] for contestant in fits}
    for fit in fits.values():
        fit(small)
    for round_number in range(rounds):
        for contestant, fit in fits.items():
            runs[contestant].append(fit(study))
            print(f"  round {round_number + 1}, {contestant}", file=sys.stderr)
    return {
        contestant: timings[-1]._replace(seconds=statistics.median(t.seconds for t in timings))
        for contestant, timings in runs.items()
    }


def report(task: str, timings: dict[str, Timing]) -> None:
    """Print one line a contestant beside ours, the first."""
    (_, ours), *others = timings.items()
    print(f"{task}: ours {ours.seconds:.4f} s, df {ours.df:.3f}")
    for contestant, theirs in others:
        apart = abs(ours.estimate - theirs.estimate) / theirs.std_error
        wider = abs(ours.std_error / theirs.std_error - 1.0)
        print(
            f"    {contestant:16} {theirs.seconds:9.4f} s  {theirs.seconds / ours.seconds:7.1f} "
            f"times; estimate {apart:.0e} SE apart, SE {wider:.0e}, df {theirs.df:.3f}"
        )


def compare(folder: Path, r: dict[str, Fit]) -> None:
    def with_r(ours: Fit, *models: str, **more: Fit) -> dict[str, Fit]:
        return {"ours": ours, **more, **{model: r[model] for model in models if r}}

    satterthwaite, kenward_roger = fit_growth, partial(fit_growth, df="kenward-roger")
    nested = partial(fit_growth, nested="therapist")
    mmrm_kenward_roger = partial(fit_visits, df="kenward-roger")
    thousands, many = simulate_growth(2_000), simulate_growth(20_000)
    small, two = keep(simulate_growth(WARM_UP), folder), keep(thousands, folder)
    big = keep(many, folder)
    irregular = keep(simulate_growth(20_000, irregular=True), folder)
    races: list[tuple[str, Study, dict[str, Fit], int]] = [
        ("growth, 2,000 patients", two,
         with_r(satterthwaite, "lmerTest", "lme4", statsmodels=fit_with_statsmodels), ROUNDS),
        ("growth, 2,000, Kenward-Roger", two, with_r(kenward_roger, "pbkrtest"), ROUNDS),
        ("growth, 20,000 patients", big, with_r(satterthwaite, "lmerTest", "lme4"), ROUNDS),
        ("growth, 20,000, Kenward-Roger", big, with_r(kenward_roger), ROUNDS),
        ("growth, 20,000, irregular times", irregular,
         with_r(satterthwaite, "lmerTest", "lme4"), 3),
        ("growth, 20,000, nested by therapist", big,
         with_r(nested, "lmerTest_nested", "lme4_nested"), 3),
    ]  # fmt: skip
    for task, study, fits, rounds in races:
        report(task, race(study, small, fits, rounds))
    few = keep(simulate_visits(WARM_UP), folder)
    for patients in (200, 1_000):
        study = keep(simulate_visits(patients), folder)
        for df, ours in (("Satterthwaite", fit_visits), ("Kenward-Roger", mmrm_kenward_roger)):
            task = f"MMRM, {patients:,} x 4, {df}"
            report(task, race(study, few, with_r(ours, "gls"), ROUNDS))


def grow(*, irregular: bool) -> None:
    """Print how time grows from 20,000 to 200,000 patients: log ratio of times by that of rows."""
    studies = [
        Study(simulate_growth(patients, irregular=irregular), Path())
        for patients in (20_000, 200_000)
    ]
    fit_growth(studies[0])
    taken = [[fit_growth(study).seconds for study in studies] for _ in range(ROUNDS)]
    less, more = np.median(taken, axis=0)
    rows = [len(study.rows) for study in studies]
    exponent = np.log(more / less) / np.log(rows[1] / rows[0])
    print(
        f"{'irregular' if irregular else 'common'} times, {rows[0]:,} to {rows[1]:,} rows: "
        f"{less:.3f} to {more:.3f} s, exponent {exponent:.2f}"
    )


def main() -> None:
    print(f"seed {SEED}, medians of {ROUNDS} rounds (3 where slow)")
    with tempfile.TemporaryDirectory() as folder, r_fits() as r:
        compare(Path(folder), r)
    grow(irregular=False)
    grow(irregular=True)


if __name__ == "__main__":
    main()
