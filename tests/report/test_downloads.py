"""The files of one result are offered on one line, by what they hold."""

from __future__ import annotations

from gradex_analysis.report.downloads import group_downloads

ENDINGS = [".csv", "_excluded.csv", "_average.csv", ".txt", "_alt.txt", ".json",
           ".svg", ".pdf", ".png"]  # fmt: skip


def say(files):
    return "; ".join(
        group.before + ", ".join(text for text, _ in group.links) + group.after
        for group in group_downloads(files)
    )


def test_the_files_of_a_result_are_one_line():
    files = [f"results/03/fall_peak{ending}" for ending in sorted(ENDINGS)]
    assert say(files) == (
        "table, average, excluded (CSV); figure (SVG, PDF, PNG); "
        "sentence, settings, figure in words"
    )
    linked = [file for group in group_downloads(files) for _, file in group.links]
    assert sorted(linked) == sorted(files)


def test_the_whole_name_is_in_the_target():
    (tables,) = group_downloads(["results/03/fall.csv", "results/03/fall_a_b.csv"])
    assert tables.links == (("table", "results/03/fall.csv"), ("a b", "results/03/fall_a_b.csv"))


def test_files_of_several_results_keep_their_names():
    assert say(["r/fall.csv", "r/curves.csv", "r/fall.svg"]) == (
        "fall.csv, curves.csv (CSV); figure (fall.svg)"
    )


def test_a_file_of_another_kind_is_offered_by_name():
    assert say(["r/notes.md"]) == "notes.md"
