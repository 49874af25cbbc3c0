"""What do the questionnaires say? By hand and by law."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.cohort.instruments import Instrument
from gradex_analysis.errors import CannotAnswerError, InvalidCohortError, UnknownNameError
from gradex_analysis.questionnaires import list_instruments, score_assessments

LAW = settings(max_examples=25, deadline=None, derandomize=True)
TSK_17 = (1, 2, 3, 5, 6, 7, 10, 11, 13, 15, 17)


def totals(*rows):
    columns = ["patient_id", "instrument", "occasion", "day", "score", "n_missing"]
    return pd.DataFrame([(*row, *(None,) * (6 - len(row))) for row in rows], columns=columns)


def answers(patient, instrument, responses, *, occasion="baseline", numbers=None):
    items = list(numbers or range(1, len(responses) + 1))
    return pd.DataFrame(
        {"patient_id": patient, "instrument": instrument, "occasion": occasion, "item": items,
         "response": responses}
    )  # fmt: skip


def make(given=None, items=None, arms=None, **people):
    frames = [frame for frame in (given, items) if frame is not None]
    ids = sorted({one for frame in frames for one in frame["patient_id"]})
    tables = {"participants": pd.DataFrame({"patient_id": ids}).assign(**people)}
    tables["participants"]["arm"] = tables["participants"]["patient_id"].map(arms or {})
    if given is not None:
        tables["assessments"] = given
    if items is not None:
        tables["assessment_items"] = items
    return Cohort.from_tables(tables)


def reasons(result):
    return result.excluded.set_index("patient_id")["reason"].to_dict()


def test_items_are_summed_and_subscales_kept():
    result = score_assessments(make(items=answers("P1", "PCS", range_of(13, 4))))
    row = result.table.iloc[0]
    # 0, 1, 2, 3, 4, 0, 1 ... over 13 items
    assert row["score"] == sum(i % 5 for i in range(13))
    assert (row["source"], row["n_items"], row["n_missing"]) == ("items", 13, 0)
    by_name = result.subscales.set_index("subscale")["score"].to_dict()
    expected = {
        name: sum((item - 1) % 5 for item in items)
        for name, items in {
            "rumination": (8, 9, 10, 11),
            "magnification": (6, 7, 13),
            "helplessness": (1, 2, 3, 4, 5, 12),
        }.items()
    }
    assert by_name == expected
    assert row["verified"]


def range_of(n, high):
    return [float(i % (high + 1)) for i in range(n)]


def test_totals_are_taken_as_given_within_the_range():
    given = totals(
        ("P1", "NRS", "baseline", 0, 10), ("P2", "NRS", "baseline", 0, 11),
        ("P3", "NRS", "baseline", 0, -1), ("P4", "NRS", "baseline", 0, None),
        ("P5", "NRS", "baseline", 0, None, 1), ("P6", "mood", "baseline", 0, np.inf),
    )  # fmt: skip
    result = score_assessments(make(given))
    assert result.table["patient_id"].tolist() == ["P1"]
    assert reasons(result) == {
        "P2": "a total outside 0 to 10",
        "P3": "a total outside 0 to 10",
        "P4": "no total",
        "P5": "items are missing: no total",
        "P6": "a total that is no number",
    }
    assert "1 of 6 questionnaire forms have a score (1 patient)." in result.sentence()
    assert "5 of 6 forms left out" in result.sentence()


def test_a_given_total_with_missing_items_is_used_and_counted():
    given = totals(("P1", "PCS", "baseline", 0, 20, 2), ("P2", "PCS", "baseline", 0, 20, 0))
    sentence = score_assessments(make(given)).sentence()
    assert "2 totals made elsewhere, taken as given. 1 of these lack items" in sentence


def test_the_sum_counts_where_a_given_total_differs():
    items = pd.concat([answers("P1", "PCS", [1.0] * 13), answers("P2", "PCS", [2.0] * 13)])
    given = totals(("P1", "PCS", "baseline", -3, 13), ("P2", "PCS", "baseline", 0, 27))
    result = score_assessments(make(given, items))
    assert result.table[["score", "given"]].to_numpy().tolist() == [[13, 13], [26, 27]]
    assert result.table["day"].tolist() == [-3, 0]
    assert "2 forms with items and a given total: 1 differ" in result.sentence()


def test_a_given_total_stands_in_for_missing_items_but_not_for_wrong_ones():
    items = pd.concat([answers("P1", "PCS", [1.0] * 12), answers("P2", "PCS", [7.0] * 13)])
    given = totals(("P1", "PCS", "baseline", 0, 13), ("P2", "PCS", "baseline", 0, 27))
    result = score_assessments(make(given, items))
    assert result.table[["patient_id", "source", "n_missing"]].to_numpy().tolist() == [
        ["P1", "total", 1]
    ]
    assert reasons(result) == {"P2": "an answer that is no whole number from 0 to 4"}


def test_unanswered_items_of_rmdq_count_as_no_and_are_said():
    result = score_assessments(make(items=answers("P1", "RMDQ", [1.0, 1.0, None])))
    assert result.table["score"].tolist() == [2]
    assert "Unanswered items count as 0 in 1 form (RMDQ)." in result.sentence()


def test_item_numbers_beyond_the_form_have_to_be_explained():
    cohort = make(items=answers("P1", "TSK-11", [2.0] * 11, numbers=TSK_17))
    with pytest.raises(CannotAnswerError, match=r"up to 17\. .*numbering = {'TSK-11': 'TSK-17'}"):
        score_assessments(cohort)
    result = score_assessments(cohort, numbering={"TSK-11": "TSK-17"})
    assert result.table["score"].tolist() == [22]
    assert result.settings["numbering"] == {"TSK-11": "TSK-17"}
    by_itself = score_assessments(cohort, numbering={"TSK-11": "TSK-11"})
    assert "does not have" in by_itself.excluded["reason"].iloc[0]


def test_a_numbering_for_nothing_or_of_no_kind_is_refused():
    cohort = make(items=answers("P1", "TSK-11", [2.0] * 11))
    with pytest.raises(UnknownNameError, match="must be one of 'TSK-11'; not 'TSK'"):
        score_assessments(cohort, numbering={"TSK": "TSK-17"})
    with pytest.raises(UnknownNameError, match="must be one of 'TSK-11', 'TSK-17'; not 'TSK-13'"):
        score_assessments(cohort, numbering={"TSK-11": "TSK-13"})


def test_an_unknown_questionnaire_is_kept_as_given_and_said():
    result = score_assessments(make(totals(("P1", "mood", "post", 80, 512))))
    row = result.table.iloc[0]
    assert (row["score"], row["better"], row["verified"]) == (512, "", False)
    assert "Nothing is known about the scale of mood: not checked." in result.sentence()
    assert np.isnan(result.summary["share_low"].iloc[0])


def test_items_of_an_unknown_questionnaire_cannot_be_summed():
    result = score_assessments(make(items=answers("P1", "mood", [1.0, 2.0])))
    assert reasons(result) == {"P1": "no key of the questionnaire: its items cannot be summed"}
    assert result.sentence().startswith("0 of 1 questionnaire form have a score (0 patients).")
    assert not result.plot().axison


def test_what_the_user_said_of_a_questionnaire_counts():
    described = Instrument(name="mood", low=0, high=10, better="higher")
    plain = make(totals(("P1", "mood", "post", 80, 10), ("P2", "mood", "post", 80, 11)))
    cohort = Cohort(tables=plain.tables, origin=plain.origin, instruments={"mood": described})
    result = score_assessments(cohort)
    assert "mood (higher is better)" in result.sentence()
    assert "Nothing is known" not in result.sentence()
    assert "Not verified" not in result.sentence()
    assert reasons(result) == {"P2": "a total outside 0 to 10"}


def test_a_form_without_a_name_is_refused_at_the_door():
    with pytest.raises(InvalidCohortError, match="instrument is empty"):
        make(totals(("P2", "NRS", "baseline", 0, 5)), answers("P1", None, [1.0, 2.0]))


def test_no_questionnaires_is_said_with_the_tables_they_would_come_from():
    cohort = Cohort.from_tables({"participants": pd.DataFrame({"patient_id": ["P1"]})})
    with pytest.raises(CannotAnswerError, match=r"assessments .* or assessment_items"):
        score_assessments(cohort)


def test_the_summary_by_hand():
    given = totals(
        ("P1", "NRS", "post", 80, 0), ("P2", "NRS", "post", 80, 4), ("P3", "NRS", "post", 80, 5),
        ("P1", "NRS", "baseline", 0, 10), ("P2", "NRS", "baseline", 0, 6),
    )  # fmt: skip
    result = score_assessments(make(given, arms={"P1": "a", "P2": "a", "P3": "b"}))
    rows = result.summary.set_index(["occasion", "arm"])
    assert list(rows.index) == [("baseline", "a"), ("post", "a"), ("post", "b")]
    first = rows.loc[("baseline", "a")]
    assert first[["n", "mean", "median", "min", "max"]].tolist() == [2, 8, 8, 6, 10]
    assert first["sd"] == pytest.approx(8**0.5)
    assert first[["share_low", "share_high"]].tolist() == [0, 0.5]
    assert rows.loc[("post", "a"), "share_low"] == 0.5
    assert np.isnan(rows.loc[("post", "b"), "sd"])
    assert "groups together: 8.0 (2.8) at baseline" in result.sentence()


def test_several_versions_of_one_questionnaire_are_said():
    given = totals(("P1", "RMDQ", "post", 80, 0), ("P2", "RMDQ", "post", 80, 4))
    both = score_assessments(make(given.assign(version=["23 items", "24 items"])))
    assert "although their versions differ: RMDQ (2)." in both.sentence()
    one = score_assessments(make(given.assign(version="24 items")))
    assert "versions" not in one.sentence()


def test_arms_are_arms_only_where_patients_were_randomised():
    given = totals(("P1", "NRS", "post", 80, 0), ("P2", "NRS", "post", 80, 4))
    arms = {"P1": "a", "P2": "b"}
    assert "groups together" in score_assessments(make(given, arms=arms)).sentence()
    dated = make(given, arms=arms, randomised_on=pd.Timestamp("2026-01-05"))
    assert "arms together" in score_assessments(dated).sentence()
    assert "together" not in score_assessments(make(given)).sentence()


def test_every_panel_shows_the_full_scale_and_the_means_of_the_table():
    given = totals(
        ("P1", "TSK-11", "baseline", 0, 30), ("P1", "TSK-11", "post", 80, 20),
        ("P1", "PSEQ", "baseline", 0, 30), ("P2", "TSK-11", "baseline", 0, 40),
        ("P2", "mood", "baseline", 0, 3),
    )  # fmt: skip
    result = score_assessments(make(given))
    figure = result.plot().figure
    panels = {ax.get_ylabel().split("\n")[0]: ax for ax in figure.axes if ax.axison}
    assert set(panels) == {"PSEQ", "TSK-11", "mood"}
    assert panels["TSK-11"].get_ylim() == (11, 44)
    assert "lower is better ↓" in panels["TSK-11"].get_ylabel()
    assert "higher is better ↑" in panels["PSEQ"].get_ylabel()
    assert panels["TSK-11"].lines[0].get_ydata().tolist() == [35, 20]
    ticks = [label.get_text() for label in panels["TSK-11"].get_xticklabels()]
    assert ticks == ["2\nbaseline", "1\npost"]
    assert "TSK-11: all 35.0 at baseline, 20.0 at post" in result.alt_text()


def test_instruments_are_listed_with_flags_and_without_their_questions():
    table = list_instruments().set_index("name")
    assert table.loc["PCS", "subscales"].startswith("rumination: 8, 9, 10, 11;")
    assert table.loc["TSK-11", "numberings"].startswith("TSK-17: 1, 2, 3, 5")
    assert table["better"].to_dict()["PSEQ"] == "higher"
    assert table["verified"].sum() == 1


@pytest.mark.slow
@LAW
@given(data=st.data())
def test_every_form_is_scored_or_left_out_once_whatever_the_order(data):
    scores = st.one_of(st.none(), st.integers(-5, 60))
    rows = [
        (patient, instrument, occasion, None, data.draw(scores))
        for patient in ("P1", "P2")
        for instrument in ("TSK-11", "NRS", "mood")
        for occasion in ("baseline", "post")
        if data.draw(st.booleans())
    ]
    forms = totals(*rows or [("P1", "NRS", "baseline", 0, 5)])
    result = score_assessments(make(forms))
    keys = ["patient_id", "instrument", "occasion"]
    found = pd.concat([result.table[keys], result.excluded[keys]])
    assert sorted(map(tuple, found.to_numpy())) == sorted(map(tuple, forms[keys].to_numpy()))
    shuffled = forms.assign(day=forms["occasion"].map({"baseline": 0, "post": 80}))
    again = score_assessments(make(shuffled.sample(frac=1, random_state=1)))
    same = score_assessments(make(shuffled))
    pd.testing.assert_frame_equal(again.table, same.table)
    assert again.sentence() == same.sentence()
