"""What goes with the fear at the next exposure? By a planted model, and on poor data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.expectancy import fit_next_fear

WITHIN, BETWEEN = 6.0, -10.0


def planted(seed, *, n_patients=24, n_each=8, share=0.5):
    """Plant fear that is WITHIN higher after a companion, and BETWEEN by the patient's share.

    One item a patient, a week between exposures; the next rating is half of the current one and
    20 more, and noise of SD 3.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n_patients):
        own = rng.random(n_each) < rng.uniform(0.2, 0.8) * 2 * share
        mean, fear, level = own[:-1].mean(), 60.0, rng.normal(0, 2)
        for place in range(n_each):
            day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=7 * place)
            rows.append((f"P{number:02d}", place + 1, day.date().isoformat(), fear,
                         "therapist" if own[place] else "alone"))  # fmt: skip
            change = WITHIN * (own[place] - mean) + BETWEEN * mean + level
            fear = float(np.clip(0.5 * fear + 20 + change + rng.normal(0, 3), 0, 100))
    columns = ["patient_id", "exposure_number", "started_at", "fear", "companion"]
    return as_cohort(pd.DataFrame(rows, columns=columns))


def as_cohort(frame, **more):
    frame = frame.assign(item_id=frame["patient_id"] + "-I1", status="done")
    frame["exposure_id"] = frame["patient_id"] + "-E" + frame["exposure_number"].astype("str")
    keys = ["patient_id", "exposure_id"]
    ratings = frame[[*keys, "fear"]].rename(columns={"fear": "value"}).dropna()
    ratings = ratings.assign(kind="fear", moment="during", minute=0.0, scale_id="0-100")
    people = frame[["patient_id"]].drop_duplicates()
    tables = {"participants": people, "exposures": frame.drop(columns="fear"), "ratings": ratings}
    return Cohort.from_tables(tables | more)


def test_parts_within_and_between_patients_are_found_apart():
    result = fit_next_fear(planted(1), predictor="companion")
    rows = result.table.set_index("part")
    for part, true in (("within patients", WITHIN), ("between patients", BETWEEN)):
        row = rows.loc[part]
        assert row["ci_low"] < true < row["ci_high"]
        assert abs(row["estimate"] - true) < 3
    assert rows.loc["within patients", "ci_low"] > 0 > rows.loc["between patients", "ci_high"]
    assert result.n_used == 24 * 7
    assert set(result.excluded["reason"]) == {"no later exposure to the item"}


def test_the_sentence_says_association_and_which_way_is_better():
    said = fit_next_fear(planted(1), predictor="companion").sentence()
    assert "an exposure with a companion, against one of the same patient alone" in said
    assert "Patients who always had a companion" in said
    assert "Associations, not effects" in said
    assert "lower is better" in said


@pytest.mark.slow
def test_intervals_cover_the_planted_part_within_patients():
    n = 0
    for seed in range(20):
        row = fit_next_fear(planted(seed, n_patients=15), predictor="companion").table.iloc[0]
        n += row["ci_low"] < WITHIN < row["ci_high"]
    # of 20 at .95: 16 or fewer happens once in 60
    assert n >= 17


def test_safety_behaviour_not_recorded_is_not_none():
    cohort = planted(2)
    done = cohort.exposures
    used = done["companion"].map({"therapist": "some", "alone": "none"})
    used[done["exposure_number"] == 2] = "not_recorded"
    table = done[["patient_id", "exposure_id"]].assign(code="bracing", used=used)
    table = table[done["exposure_number"] != 3]  # no box at all
    result = fit_next_fear(changed(cohort, safety_behaviours=table), predictor="safety_behaviour")
    counts = result.excluded["reason"].value_counts()
    assert counts["safety behaviour not recorded"] == 2 * 24
    assert result.n_used == 5 * 24
    # in the others it is the planted companion under another name
    assert result.table["ci_low"].iloc[0] < WITHIN < result.table["ci_high"].iloc[0]


def changed(cohort, **tables):
    """Return the cohort with other tables."""
    ratings = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    frames = {"participants": cohort.participants, "exposures": cohort.exposures}
    return Cohort.from_tables({**frames, "ratings": ratings, **tables})


def test_a_safety_behaviour_that_was_used_counts_though_another_was_not_recorded():
    cohort = planted(2)
    keys = cohort.exposures[["patient_id", "exposure_id"]]
    ticks = cohort.exposures["companion"].map({"therapist": "full", "alone": "none"})
    one, other = keys.assign(code="a", used=ticks), keys.assign(code="b", used="none")
    other.loc[ticks == "full", "used"] = "not_recorded"
    both = fit_next_fear(
        changed(cohort, safety_behaviours=pd.concat([one, other])), predictor="safety_behaviour"
    )
    alone = fit_next_fear(changed(cohort, safety_behaviours=one), predictor="safety_behaviour")
    pd.testing.assert_frame_equal(both.table, alone.table)


def test_followed_by_a_sitting_leaves_out_what_is_repeated_on_the_same_day():
    cohort = planted(3)
    done = cohort.exposures
    second = done["exposure_number"] == 2
    done.loc[second, "started_at"] = pd.Timestamp("2024-01-01")
    again = changed(cohort, exposures=done)
    by_sitting = fit_next_fear(again, predictor="companion", followed_by="sitting")
    assert (by_sitting.excluded["reason"] == "the next exposure is in the same sitting").sum() == 24
    assert fit_next_fear(again, predictor="companion").n_used == by_sitting.n_used + 24
    assert by_sitting.rows["gap_days"].min() == 7


def test_undated_exposures_are_used_and_the_missing_gap_is_said():
    cohort = planted(4)
    undated = changed(cohort, exposures=cohort.exposures.drop(columns="started_at"))
    result = fit_next_fear(undated, predictor="companion")
    assert "weeks" not in result.settings["model"]
    assert "not dated" in result.sentence()


def test_patients_alike_in_their_mean_have_no_part_between():
    frame = pd.DataFrame(
        [(f"P{p}", e, f"2024-01-{7 * e:02d}", 60 - 5 * e + 3 * (e % 2) + p + (p * e) % 4,
          "yes" if e % 2 else "no") for p in range(5) for e in range(1, 4)],
        columns=["patient_id", "exposure_number", "started_at", "fear", "companion"],
    )  # fmt: skip
    result = fit_next_fear(as_cohort(frame), predictor="companion")
    assert result.table["part"].tolist() == ["within patients"]
    assert "no part between patients" in result.sentence()
    assert len(result.plot().texts) == 2


def test_every_exposure_is_used_or_left_out_with_its_reason():
    cohort = planted(5, n_patients=6)
    done = cohort.exposures
    done.loc[0, "status"] = "refused"
    done.loc[1, "item_id"] = None
    done.loc[2, "companion"] = None
    ratings = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    ratings = ratings[ratings["exposure_id"] != "P01-E3"]
    result = fit_next_fear(changed(cohort, exposures=done, ratings=ratings), predictor="companion")
    reasons = result.excluded.set_index("exposure_id")["reason"]
    assert reasons[["P00-E1", "P00-E2", "P00-E3", "P01-E3", "P01-E2"]].tolist() == [
        "refused", "no item: it repeats nothing", "companion not recorded", "no first rating",
        "no first rating at the next exposure",
    ]  # fmt: skip
    assert result.n_considered == len(done)
    assert not result.rows["exposure_id"].isin(reasons.index).any()


@pytest.mark.parametrize(
    ("given", "named"),
    [({"predictor": "mood"}, "predictor"), ({"rating": "end"}, "rating"),
     ({"followed_by": "day"}, "followed_by")],
)  # fmt: skip
def test_names_that_are_not_on_offer_are_refused(given, named):
    with pytest.raises(UnknownNameError, match=f"{named} must be one of"):
        fit_next_fear(planted(1, n_patients=3), **{"predictor": "companion", **given})


def test_what_is_not_recorded_or_does_not_differ_is_refused():
    cohort = planted(1, n_patients=4)
    with pytest.raises(CannotAnswerError, match="not_recorded, which is not none"):
        fit_next_fear(cohort, predictor="safety_behaviour")
    with pytest.raises(CannotAnswerError, match="surprise needs surprise"):
        fit_next_fear(cohort, predictor="surprise")
    with pytest.raises(CannotAnswerError, match="differs between the exposures of 0 patients"):
        fit_next_fear(planted(1, n_patients=4, share=0), predictor="companion")
    with pytest.raises(CannotAnswerError, match="rating='before'"):
        fit_next_fear(planted(1, n_patients=1), predictor="companion")
    with pytest.raises(CannotAnswerError, match="among 0 exposures"):
        fit_next_fear(cohort, predictor="companion", rating="before")
    with pytest.raises(CannotAnswerError):
        fit_next_fear(
            Cohort.from_tables({"participants": cohort.participants}), predictor="companion"
        )
