"""Are dumbbells and grid drawn of the right numbers, and said in words?"""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection

from gradex_analysis.expectancy import fit_learning_rate, measure_expectancy

LOG = (("P1", 80, 20, 50), ("P1", 60, 60, 40), ("P2", 40, 50, 45))


def test_a_dumbbell_per_exposure_joins_expected_and_occurred_sorted_by_expectation(make_log):
    ax = measure_expectancy(make_log(*LOG), definition="expectancy_violation").plot()
    (lines,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert [line.tolist() for line in lines.get_segments()] == [
        [[40, 0], [50, 0]], [[60, 1], [60, 1]], [[80, 2], [20, 2]],
    ]  # fmt: skip
    expected, occurred = [c for c in ax.collections if isinstance(c, PathCollection)]
    assert expected.get_offsets()[:, 0].tolist() == [40, 60, 80]
    assert np.allclose(expected.get_facecolors(), 1)  # open
    assert occurred.get_offsets()[:, 0].tolist() == [50, 60, 20]
    assert ax.get_xticks().tolist() == [0, 25, 50, 75, 100]
    assert ax.get_ylabel() == "3 exposures of 2 patients, by what was expected"


def test_the_ratio_is_drawn_as_where_the_bar_stands_between_both_ends(make_log):
    ax = measure_expectancy(make_log(*LOG), definition="learning_ratio").plot()
    marks = [c for c in ax.collections if isinstance(c, PathCollection)]
    assert marks[2].get_offsets().tolist() == [[45, 0], [50, 1]]
    assert [text.get_text()[2:] for text in ax.texts] == ["expected", "occurred", "expected after"]


def test_words_are_drawn_as_a_grid_whose_counts_add_up(make_log):
    log = make_log(("P1", 90, "no", None), ("P1", 85, "no", None), ("P2", 10, "yes", None))
    result = measure_expectancy(log, definition="expectancy_violation")
    ax = result.plot()
    assert len(ax.patches) == 20
    cells = {(t.get_position()): t.get_text() for t in ax.texts if t.get_position()[0] in range(4)}
    assert cells[0, 4] == "2"
    assert cells[2, 0] == "1"
    assert sum(int(text) for text in cells.values()) == 3
    assert "80 to 100, no: 2; 0 to 19, yes: 1" in "; ".join(
        sorted(result.alt_text().split("counts: ")[1].split(".")[0].split("; "), reverse=True)
    )


@pytest.mark.parametrize("definition", ["expectancy_change", "belief_change_logit"])
def test_the_alternative_text_holds_the_sentence(make_log, definition):
    result = measure_expectancy(make_log(*LOG), definition=definition)
    assert result.sentence() in result.alt_text()
    assert result.alt_text().startswith("A row per exposure, sorted by what was expected")
    assert "<img" in result._repr_html_()


def test_surprise_has_one_line_per_patient(make_log):
    more = {"E1": {"surprise": 20}, "E2": {"surprise": 40}, "E3": {"surprise": 60}}
    result = measure_expectancy(make_log(*LOG, more=more), definition="surprise")
    assert result.plot().get_ylabel() == "2 patients, ordered by their mean"


def test_learning_rates_beyond_the_axis_stand_at_its_edge(make_log):
    rows = [(f"P{i}", 60 + j, 40 - j, 50 - i + j * (-1) ** i) for i in range(4) for j in range(3)]
    rows.append(("P9", 50, 49, 40))  # own rate 10
    result = fit_learning_rate(make_log(*rows))
    ax = result.plot()
    arrows = [line for line in ax.lines if line.get_marker() == ">" and len(line.get_xdata())]
    assert [line.get_xdata().tolist() for line in arrows] == [[1.5]]
    assert ax.get_xlim() == (-0.5, 1.5)
    assert result.sentence() in result.alt_text()
