"""How would a user describe the simulated files, so that they load?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.simulation.forms import FORM_RATINGS

TABLES = """\
# How this folder is read: its tables have the names of the data model.
schema = 1
simulated = true

[answers]
last_before_stop = "last"   # the last rating before an early stop is not a rating at the end
"""

FORMS = """\
# How this folder of paper forms is read.
schema = 1
simulated = true

[answers]
homework_session = "assigned_in"   # the session on a homework form is the one that set it

[[file]]                     # how both files are written
path = "*.csv"
delimiter = ";"
decimal = ","

[[file]]
path = "exposure_forms.csv"
columns.therapist_id = "therapist"
columns.is_homework = "homework"
columns.done_minutes = "minutes"
columns.companion = "with whom"
columns.expectancy_before = "expected percent"
columns.occurrence = "occurred"
scales."expected percent" = "0-100"
dates.date = "%d.%m.%Y"
values.homework = { "x" = "yes", "" = "no" }
"""

RATING = """
[[file.ratings]]
column = "{column}"
kind = "{kind}"
moment = "{moment}"
scale = {scale}
"""

QUESTIONNAIRES = """
[[file]]
path = "questionnaires.csv"
columns.day = "day"
scores = [
{scores}]
"""


def describe_tables() -> str:
    """Return the mapping of a simulated trial: names need none, the early stops an answer."""
    return TABLES


def describe_forms(tables: dict[str, pd.DataFrame]) -> str:
    """Return the mapping of a simulated clinic's forms: fear is on the therapist's own scale."""
    fear = _scale_by_therapist(tables)
    parts = [
        RATING.format(
            column=column, kind=kind, moment=moment, scale=fear if kind == "fear" else '"0-10"'
        )
        for column, (kind, moment) in FORM_RATINGS.items()
    ]
    names = sorted(tables["assessments"]["instrument"].unique())
    lines = [f'  {{ column = "{name}", instrument = "{name}" }},\n' for name in names]
    return FORMS + "".join(parts) + QUESTIONNAIRES.format(scores="".join(lines))


def _scale_by_therapist(tables: dict[str, pd.DataFrame]) -> str:
    ratings, people = tables["ratings"], tables["participants"]
    ten_point = ratings[(ratings["kind"] == "fear") & (ratings["scale_id"] == "0-10")]
    therapists = people.loc[people["patient_id"].isin(ten_point["patient_id"]), "therapist_id"]
    levels = "".join(f'{name} = "0-10", ' for name in sorted(therapists.dropna().unique()))
    return f'{{ by = "therapist", {levels}default = "0-100" }}'
