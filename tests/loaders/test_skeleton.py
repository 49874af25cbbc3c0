"""What cannot be read yet is described by a draft in which everything proposed is a comment."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from gradex_analysis.errors import MappingError, UnreadableFileError
from gradex_analysis.loaders import load_cohort
from gradex_analysis.loaders.mapping import read_mapping
from gradex_analysis.loaders.skeleton import draft_skeleton, find_files

FORM = Path(__file__).parents[1] / "fixtures" / "logs" / "a_clinic_paper_forms.csv"
GERMAN = (
    "Angstprotokoll\n"
    "Pat.;Sitzung;Übung;Minute seit Beginn;Angst\n"
    "007;1;Bücken;0;8\n007;1;Bücken;2;6,5\n007;1;Bücken;4;3\n"
)
ANSWERS = {
    'patient_id = "..."': 'patient_id = "Pat."',
    'session_number = "..."': 'session_number = "Sitzung"',
    'item_id = "..."': 'item_id = "Übung"',
    'minute = "..."': 'minute = "Minute seit Beginn"',
    'column = "..."': 'column = "Angst"',
}


def uncomment(draft, *lines):
    """Take the mark away before the lines that begin so."""
    marked = tuple(f"# {line}" for line in lines)
    return "\n".join(
        line.removeprefix("# ") if line.startswith(marked) else line for line in draft.splitlines()
    )


@pytest.fixture
def write(tmp_path):
    def write_bytes(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_bytes


def test_a_draft_says_nothing_until_a_mark_is_taken_away(write):
    draft = draft_skeleton(FORM)
    said = read_mapping(write("draft.toml", draft))
    assert [block.model_fields_set for block in said.file] == [{"path"}]


def test_the_paper_form_is_readable_once_its_writing_is_said(write):
    draft = uncomment(draft_skeleton(FORM), "encoding", "delimiter", "skip_lines", "decimal")
    with pytest.raises(MappingError, match=r"no column for patient_id.*It has 'Pat\.-Nr\.'"):
        load_cohort(FORM, mapping=write("draft.toml", draft), strict=False)


def test_a_german_log_loads_by_its_draft_and_answers_in_it(write, tmp_path):
    log = write("log.csv", GERMAN.encode("cp1252"))
    with pytest.raises(UnreadableFileError):
        load_cohort(log)
    draft = draft_skeleton(tmp_path)
    for asked, answer in ANSWERS.items():
        assert asked in draft
        draft = draft.replace(asked, answer)
    draft = uncomment(
        draft, "encoding", "delimiter", "skip_lines", "decimal", "columns.", "[[file.ratings]]",
        "column =", "kind", "scale",
    )  # fmt: skip
    write("mapping.toml", draft)
    cohort = load_cohort(tmp_path)
    assert cohort.ratings["value"].tolist() == [8, 6.5, 3]
    assert cohort.ratings["minute"].tolist() == [0, 2, 4]
    assert cohort.exposures["item_id"].tolist() == ["Bücken"]
    assert cohort.questions.empty


def test_a_draft_holds_names_of_columns_and_no_cell():
    draft = draft_skeleton(FORM)
    cells = FORM.read_text("cp1252").splitlines()
    assert '"Angst vorher"' in draft
    for secret in ("P12", "Kiste heben", "Edukation", "Schmerztagesklinik", "03.02.26"):
        assert any(secret in line for line in cells)
        assert secret not in draft


def test_a_column_without_a_name_does_not_make_a_patient_s_row_the_names(write):
    draft = draft_skeleton(write("log.csv", ",patient,fear\n0,Meyer,80\n1,Schulz,70\n"))
    assert '"patient", "fear"' in draft
    assert "Meyer" not in draft


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("a,b\n1,2\n", "utf-8", ","),
        ("ä;b;c\n1;2;x, y, z, x, y, z\n", "utf-8", ";"),
        ("Title, of, commas\nä;b\n1,5;2\n1,5;3\n".encode("cp1252"), "cp1252", ";"),
        ("ä;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", "utf-8", ";"),
        ("a\tb\n1\t2\n".encode("utf-16"), "utf-16", "\\t"),
        (b"a|b\n\x81|2\n", "cp1252", "|"),
        ("a\n1\n", "utf-8", ","),
        ("", "utf-8", ","),
    ],
)
def test_encoding_and_delimiter_are_those_that_fit(write, content, encoding, delimiter):
    draft = draft_skeleton(write("log.csv", content))
    assert f'# encoding = "{encoding}"\n' in draft
    assert f'# delimiter = "{delimiter}"\n' in draft


@pytest.mark.parametrize("name", ['a"b.csv', "a[1]*.csv", "a\x7f.csv", "a\nb = 1.csv", "Übung.csv"])
def test_odd_names_neither_break_the_draft_nor_describe_another_file(write, name):
    odd = '"x\x7f\n[answers]",b\n1,2\n'
    draft = draft_skeleton(write(name, odd))
    said = read_mapping(write("draft.toml", draft))
    assert said.for_file(name).path == said.file[0].path
    assert len(tomllib.loads(draft)["file"]) == 1


def test_every_file_of_a_folder_has_a_block_and_foreign_ones_say_that_they_are_not_read(
    write, tmp_path
):
    for name in ("a.csv", "b.tsv", "c.xlsx", "mapping.toml"):
        write(name, "x,y\n1,2\n")
    pd.DataFrame({"who": ["P1"], "what": [1]}).to_parquet(tmp_path / "d.parquet")
    draft = draft_skeleton(tmp_path)
    paths = [block["path"] for block in tomllib.loads(draft)["file"]]
    assert paths == ["a.csv", "b.tsv", "d.parquet", "c.xlsx"]
    assert '"who", "what"' in draft
    assert [file.name for file in find_files(tmp_path)] == ["a.csv", "b.tsv", "d.parquet"]
