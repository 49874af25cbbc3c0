"""A patient's ladder: its numbers by hand, the page as drawn, no words where none belong."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import gradex_analysis as gx
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.hierarchy import describe_ladder

RANKS = {"I1": 1, "I2": 2, "I3": 3}
RATED = {
    ("A", "I1"): {"baseline": 50},
    ("A", "I2"): {"baseline": 70},
    ("A", "I3"): {"baseline": 90},
}


def tried(peak, item="I1", **more):
    return ("A", item, peak, more)


CLIMB = [
    tried(80, expectancy_before=75, occurrence="no"),
    tried(60, expectancy_before=60, occurrence="no"),
    tried(35, expectancy_before=40, occurrence="partly"),
    tried(70, "I2", expectancy_before=90, occurrence="yes"),
]


def test_first_and_latest_peak_expected_fear_and_times_of_each_step(as_cohort):
    result = describe_ladder(as_cohort(CLIMB, ranks=RANKS, rated=RATED), "A")
    table = result.table.set_index("step")
    assert table["item_id"].tolist() == ["I1", "I2", "I3"]
    assert table.loc[1, ["expected", "n_done", "first_peak", "latest_peak"]].tolist() == [
        50,
        3,
        80,
        35,
    ]
    assert table.loc[2, ["expected", "n_done", "first_peak", "latest_peak"]].tolist() == [
        70,
        1,
        70,
        70,
    ]
    assert table.loc[3, ["expected", "n_done"]].tolist() == [90, 0]
    assert result.n_used == result.n_considered == 3


def test_it_speaks_to_the_patient(as_cohort):
    said = describe_ladder(as_cohort(CLIMB, ranks=RANKS, rated=RATED), "A").sentence()
    assert said == (
        "You have tried 2 of the 3 steps of your ladder. At step 1 of 3, your highest fear was 80 "
        "of 100 the first time and 35 the third time. You expected 75 of 100 that what you feared "
        "at step 1 would happen. It has not happened in 2 of 3; it happened in part in 1."
    )


def test_the_prediction_tested_most_often_is_found_by_its_code_across_items(as_cohort):
    climb = [
        tried(80, prediction_code="disc_slips", expectancy_before=75, occurrence="no"),
        tried(70, "I2", prediction_code="faint", expectancy_before=20, occurrence="yes"),
        tried(70, "I2", prediction_code="disc_slips", expectancy_before=50, occurrence="no"),
        tried(60, "I3", prediction_code="disc_slips", occurrence="not_testable"),
    ]
    said = describe_ladder(as_cohort(climb, ranks=RANKS), "A").sentence()
    assert said.endswith(
        "You expected 75 of 100 that “disc slips” would happen. It has not happened in 2 of 2."
    )


def test_a_code_that_is_a_sentence_is_not_read(as_cohort):
    text = "my disc will slip out"
    climb = [tried(80, prediction_code=text, expectancy_before=75, occurrence="no")]
    result = describe_ladder(as_cohort(climb, ranks=RANKS), "A")
    assert text not in result.sentence() + result.alt_text()
    assert "what you feared at step 1 would happen" in result.sentence()


def test_the_item_s_feared_outcome_stands_in_for_a_prediction_s_code(as_cohort):
    tables = dict(as_cohort(CLIMB, ranks=RANKS).tables)
    tables["items"] = tables["items"].assign(feared_outcome_code="reinjury")
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    kept = {name: frame for name, frame in tables.items() if len(frame)}
    said = describe_ladder(Cohort.from_tables(kept), "A").sentence()
    assert "“reinjury” would happen. It has not happened in 2 of 4" in said


def test_occurrence_as_a_number_is_never_counted_as_yes_or_no(as_cohort):
    climb = [
        tried(80, expectancy_before=75, occurrence=40), tried(60, occurrence=5),
    ]  # fmt: skip
    said = describe_ladder(as_cohort(climb, ranks=RANKS), "A").sentence()
    assert said.endswith(
        "How far it came true: 40 of 100 the first time, 5 of 100 the latest of 2 times."
    )


def test_steps_without_ranks_stand_by_expected_fear_and_by_peak_without_it(as_cohort):
    rated = {("A", "I1"): {"baseline": 90}, ("A", "I2"): {"baseline": 20}}
    climb = [tried(30, "I1"), tried(60, "I3"), ("A", "I2", None)]
    table = describe_ladder(as_cohort(climb, rated=rated), "A").table
    assert table["item_id"].tolist() == ["I2", "I3", "I1"]


def test_a_recalled_peak_is_not_joined_to_a_rated_one(as_cohort):
    tables = dict(as_cohort([tried(80), tried(60), ("A", "I1", None)], ranks=RANKS).tables)
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    recalled = ratings.iloc[[0]].assign(
        exposure_id="E002", moment="peak_recalled", minute=float("nan"), value=5.0
    )
    tables["ratings"] = pd.concat([ratings, recalled], ignore_index=True)
    kept = {name: frame for name, frame in tables.items() if len(frame)}
    one = describe_ladder(Cohort.from_tables(kept), "A").table.iloc[0]
    assert (one["n_done"], one["n_peaks"], one["n_compared"]) == (3, 3, 2)
    assert (one["latest_number"], one["latest_peak"]) == (2, 60)


def drawn(result):
    ax = result.plot()
    scale = ax.child_axes[0]
    texts = [text.get_text() for text in [*ax.texts, *scale.texts]]
    return scale, texts


def test_the_page_shows_words_at_the_scale_times_at_the_margin_and_not_yet(as_cohort):
    scale, texts = drawn(describe_ladder(as_cohort(CLIMB, ranks=RANKS, rated=RATED), "A"))
    words = [label.get_text() for label in scale.get_xticklabels()]
    assert words == ["not\nat all", "somewhat", "the most I\ncan imagine"]
    assert {"3×", "1×", "not yet", "Your ladder"} <= set(texts)
    # one arrow: tried once has none
    arrows = [text for text in scale.texts if getattr(text, "arrow_patch", None) is not None]
    assert len(arrows) == 1
    # open circles of 3 steps, first peaks of 2, one latest
    assert len(scale.collections) == 6


def test_a_fear_that_rose_looks_like_one_that_fell(as_cohort):
    fell, _ = drawn(describe_ladder(as_cohort([tried(80), tried(30)], ranks=RANKS), "A"))
    rose, _ = drawn(describe_ladder(as_cohort([tried(30), tried(80)], ranks=RANKS), "A"))
    colors = [
        [tuple(map(tuple, one.get_facecolor())) for one in scale.collections]
        for scale in (fell, rose)
    ]
    assert colors[0] == colors[1]


def test_the_patient_s_words_stand_in_the_figure_and_nowhere_else(as_cohort, tmp_path):
    label = "lifting a crate of water out of the boot of the car and carrying it up the stairs"
    cohort = replace(as_cohort(CLIMB, ranks=RANKS), item_labels={"I1": label})
    result = describe_ladder(cohort, "A")
    _, texts = drawn(result)
    shown = " ".join(texts)
    assert all(word in shown for word in label.split())
    assert "I2" in texts  # without words, the code
    written = [
        path
        for path in result.save(tmp_path / "ladder")
        if path.suffix not in (".svg", ".pdf", ".png")
    ]
    assert len(written) >= 3
    for path in written:
        assert "crate" not in path.read_text("utf-8")
    assert "crate" not in result.sentence() + result.alt_text() + repr(result)


@pytest.mark.parametrize("n", [1, 14, 30])
def test_labels_have_room_however_many_steps_there_are(n, as_cohort):
    ranks = {f"I{i:02d}": i for i in range(1, n + 1)}
    cohort = as_cohort([("A", "I01", 50)], ranks=ranks)
    words = "walking to the bus stop with a heavy rucksack while it rains"
    result = describe_ladder(replace(cohort, item_labels=dict.fromkeys(ranks, words)), "A")
    ax = result.plot()
    figure = ax.get_figure()
    figure.set_size_inches(result.figure_size)
    figure.canvas.draw()
    # of more than two lines in the smallest letters, the rest is cut
    shown = [text.get_text().removesuffix(" …") for text in ax.texts]
    labels = [text for text, said in zip(ax.texts, shown, strict=True) if said and said in words]
    boxes = [text.get_window_extent() for text in labels]
    assert min(box.x0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= ax.child_axes[0].get_window_extent().x0
    assert labels[0].get_fontsize() >= 6.5


def test_a_ladder_can_be_drawn_before_anything_was_tried(as_cohort):
    result = describe_ladder(as_cohort([], ranks=RANKS, rated=RATED), "A")
    assert result.sentence() == "You have not yet tried any of the 3 steps of your ladder."
    _, texts = drawn(result)
    assert texts.count("not yet") == 3
    single = describe_ladder(as_cohort([tried(50)]), "A")
    assert "At step 1 of 1, your highest fear was 50 of 100 the first time." in single.sentence()
    unrated = describe_ladder(as_cohort([("A", "I1", None, {"done_minutes": 5})]), "A")
    assert "tried, not rated" in unrated.alt_text()


def test_what_cannot_be_asked_is_said(as_cohort):
    cohort = as_cohort([tried(50), ("B", None, 50)], ranks=None)
    with pytest.raises(UnknownNameError, match="patient_id"):
        describe_ladder(cohort, "Z")
    with pytest.raises(CannotAnswerError, match="Patient B has no item"):
        describe_ladder(cohort, "B")


@pytest.mark.parametrize("design", ["trial", "clinic"])
def test_every_patient_of_a_simulated_cohort_has_a_page_or_is_refused(design):
    cohort = gx.simulate_cohort(8, seed=2, design=design).cohort
    drawn_pages = 0
    for patient in cohort.participants["patient_id"]:
        try:
            result = describe_ladder(cohort, patient)
        except CannotAnswerError:
            continue
        assert "Simulated example data" in " ".join(drawn(result)[1])
        assert result.sentence().startswith("You have")
        drawn_pages += 1
    assert drawn_pages >= 1
