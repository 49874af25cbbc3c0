"""The files of one result are offered on one line, by what they hold."""

from __future__ import annotations

import pytest

from gradex_analysis.report.downloads import group_downloads
from gradex_analysis.report.pages import render_page
from gradex_analysis.report.sections import Section, Step

ENDINGS = [".csv", "_excluded.csv", "_average.csv", ".txt", "_alt.txt", ".json",
           ".svg", ".pdf", ".png"]  # fmt: skip
ONE_LINE = (
    "table, average, excluded (CSV); figure (SVG, PDF, PNG); sentence, settings, figure in words"
)


def files_of(name):
    return [f"results/03/{name}{ending}" for ending in ENDINGS]


def say(files):
    return {
        result.name: "; ".join(
            group.before + ", ".join(text for text, _ in group.links) + group.after
            for group in result.groups
        )
        for result in group_downloads(files)
    }


def test_the_files_of_a_result_are_one_line():
    files = sorted(files_of("fall_peak"))
    assert say(files) == {"fall_peak": ONE_LINE}
    (result,) = group_downloads(files)
    linked = [file for group in result.groups for _, file in group.links]
    assert sorted(linked) == sorted(files)


def test_the_whole_name_is_in_the_target():
    files = ["results/03/fall.csv", "results/03/fall_a_b.csv", "results/03/fall.json"]
    (result,) = group_downloads(files)
    assert result.groups[0].links == (
        ("table", "results/03/fall.csv"),
        ("a b", "results/03/fall_a_b.csv"),
    )


def test_several_results_have_a_line_each_in_the_order_in_which_they_were_saved():
    saved = [*files_of("course_PCS"), *files_of("course_NRS")]
    assert list(say(saved).items()) == [("course_PCS", ONE_LINE), ("course_NRS", ONE_LINE)]


def test_a_result_whose_name_begins_like_another_s_keeps_its_files():
    saved = [*files_of("fall"), *files_of("fall_peak")]
    assert say(saved) == {"fall": ONE_LINE, "fall_peak": ONE_LINE}


def test_a_file_of_another_kind_is_offered_by_name():
    assert say(["r/notes.md"]) == {"notes": "notes.md"}


@pytest.mark.parametrize(("n", "lines", "folded"), [(1, 0, 0), (2, 2, 0), (3, 3, 1)])
def test_the_page_has_a_line_per_result_and_folds_more_than_two(make_cohort, n, lines, folded):
    files = [file for i in range(n) for file in files_of(f"course_{i}")]
    section = Section("02_x", (Step(files=tuple(files)),), ((2, "a", "How?"),))
    provenance = {"gradex_analysis": "0", "python": "3", "packages": {}, "inputs": []}
    page = render_page(make_cohort(), [section], title="x", provenance=provenance)
    assert page.count("<li>course_") == lines
    assert page.count('<details class="files">') == folded
    assert page.count('<a href="results/03/course_') == n * len(ENDINGS)
    assert 'title="course_0_excluded.csv" download>excluded</a>' in page
