"""What else is said of patients, and do their rows agree?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.loaders import parse
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.rename import COVARIATE


def find_covariates(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return one row per patient: what the mapping calls covariates, as numbers or as text.

    A patient of whom the rows say two things has neither, and both are listed.
    """
    table = rows[["patient_id"]].drop_duplicates()
    for name in [str(name) for name in rows if str(name).startswith(COVARIATE)]:
        kind, theirs = name.removeprefix(COVARIATE).split(":", 1)
        said = rows.loc[rows[name].fillna("") != "", ["file", "row", "patient_id", name, "decimal"]]
        pairs = said[["patient_id", name]].drop_duplicates()
        twofold = pairs.loc[pairs["patient_id"].duplicated(keep=False), "patient_id"]
        bad = said["patient_id"].isin(twofold)
        places = said.loc[bad, ["file", "row"]].assign(column=theirs, raw=said.loc[bad, name])
        findings.report("two_covariates", "participants", places)
        one = said[~bad].drop_duplicates("patient_id").set_index("patient_id")
        if kind == "number":
            values, wrong = parse.numbers_by_mark(one[name], one["decimal"])
            places = one.loc[wrong, ["file", "row"]].assign(column=theirs, raw=one.loc[wrong, name])
            findings.report("not_a_number_cell", "participants", places)
            one = one.assign(**{name: values})
        table[theirs] = table["patient_id"].map(one[name])
    return table
