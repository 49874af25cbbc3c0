"""Many results in one folder: found again, never lost, never over somebody else's file."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from gradex_analysis.errors import GradexError
from gradex_analysis.results.save import INDEX, save_results


@pytest.fixture
def rises(make_falls):
    return make_falls(pd.DataFrame({"exposure_id": ["E9"], "fall": [-1.0]}), words="Fear rose.")


def read_index(folder):
    return pd.read_csv(folder / INDEX, keep_default_na=False).set_index("name")


def test_each_result_is_saved_under_its_name_and_listed(falls, rises, tmp_path):
    folder = tmp_path / "new" / "paper"
    written = save_results({"fall": falls, "rise-2": rises}, folder)
    assert {path.name for path in written} == {path.name for path in folder.iterdir()}
    index = read_index(folder)
    assert index.index.tolist() == ["fall", "rise-2"]
    assert index.loc["fall", ["type", "n_used", "n_considered"]].tolist() == ["Falls", 2, 5]
    assert index["sentence"].tolist() == ["Fear fell by 40 points.", "Fear rose."]
    digest = hashlib.sha256((folder / "fall.csv").read_bytes()).hexdigest()
    assert index.loc["fall", "sha256"] == digest


def test_saving_again_replaces_ours_and_keeps_the_others_in_the_index(falls, rises, tmp_path):
    save_results({"fall": falls, "NA": falls}, tmp_path)
    save_results({"fall": rises}, tmp_path)
    assert (tmp_path / "fall.txt").read_text(encoding="utf-8") == "Fear rose.\n"
    assert read_index(tmp_path)["n_considered"].to_dict() == {"NA": 5, "fall": 1}


def test_a_file_that_is_not_ours_is_never_replaced(falls, rises, tmp_path):
    (tmp_path / "fall.csv").write_text("mine")
    with pytest.raises(GradexError, match=r"fall\.csv is in the folder already"):
        save_results({"rise": rises, "fall": falls}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fall.csv"], "nothing else was written"
    assert (tmp_path / "fall.csv").read_text() == "mine"


def test_a_foreign_index_is_refused(falls, tmp_path):
    (tmp_path / INDEX).write_text("patient_id,fear\nP1,70\n")
    with pytest.raises(GradexError, match="no index of results"):
        save_results({"fall": falls}, tmp_path)


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", ".hidden", "../up", "a b", "a:b", "-a"])
def test_names_that_lead_elsewhere_are_refused(falls, tmp_path, name):
    with pytest.raises(GradexError, match="cannot be a file's name"):
        save_results({"fall": falls, name: falls}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("other", ["fall_excluded", "FALL", "results"])
def test_results_that_would_write_the_same_file_are_refused(falls, tmp_path, other):
    with pytest.raises(GradexError, match="Two results would write"):
        save_results({"fall": falls, other: falls}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_and_no_result_are_refused(falls, tmp_path):
    with pytest.raises(GradexError, match="nothing to save"):
        save_results({}, tmp_path)
    with pytest.raises(GradexError, match="fall is of type DataFrame, not a result"):
        save_results({"fall": falls.table}, tmp_path)


def test_a_result_that_cannot_be_drawn_leaves_the_folder_as_it_was(falls, rises, tmp_path):
    save_results({"fall": falls}, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken = type(falls)

    class Broken(broken):
        def plot(self, ax=None):
            raise RuntimeError("no picture")

    bad = Broken(
        table=falls.table, unit=falls.unit, n_considered=5, n_used=2, excluded=falls.excluded,
        settings={},
    )  # fmt: skip
    with pytest.raises(RuntimeError, match="no picture"):
        save_results({"fall": rises, "bad": bad}, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
