"""What should the team look at, by urgency, and which rules found nothing?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.audit.records import Records, last_date, read_records
from gradex_analysis.audit.rules import NOTE, RULES, URGENCIES, Rule
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.plots import style
from gradex_analysis.plots.findings import draw_findings
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result

FINDINGS = ["urgency", "patient_id", "place", "finding", "since", "is_ongoing", "count", "rule"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Audit(Result):
    """What the team has to look at: findings by rules that are named, dated and counted.

    ``findings`` has one row per finding, most urgent first: ``urgency, rule, patient_id`` (or
    ``place``), ``count, since, is_ongoing`` (whether it held at the patient's latest record) and
    the ``finding`` in words. ``rules`` has one row per rule with the number of patients it
    concerns, zero as well; none where nothing was recorded. ``table`` has one row per patient.
    """

    findings: pd.DataFrame
    rules: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 88 * style.MILLIMETRE)
    headline: ClassVar[str] = "findings"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one line per rule: urgency, what is looked for, how many, who."""
        with style.context():
            ax = style.given_or_new(ax)
            who = [self._who(rule) for rule in self.rules["rule"]]
            return draw_findings(ax, self.rules.assign(who=pd.Series(who)), self.n_used)

    def _who(self, rule: str) -> list[str]:
        own = self.findings[(self.findings["rule"] == rule) & self.findings["is_ongoing"]]
        return [str(who) for who in own["patient_id"].fillna(own["place"]).unique()]

    def sentence(self) -> str:
        """Say how many patients have a point to look at, by rule, and what was not found."""
        now = self.table["n_ongoing"] > 0
        earlier = ~now & (self.table["n_over"] > 0)
        found = self.rules[self.rules["n"] > 0]
        none = self.rules[(self.rules["n"] == 0) & (self.rules["n_over"] == 0)]
        over = self.rules[(self.rules["n"] == 0) & (self.rules["n_over"] > 0)]
        unknown = self.rules[self.rules["n"].isna()]
        not_looked = [f"{r.title} ({r.why_not})" for r in unknown.itertuples()]
        listed = "; ".join(f"{r.title} ({r.n})" for r in found.itertuples()) or "nothing"
        parts = [
            f"As of {self.settings['today']}{self._say_today()}, {now.sum()} of "
            f"{wording.count(self.n_used, 'patient')} have at least one point to look at; "
            f"{earlier.sum()} more had one that ended before their latest record. Found: {listed}."
        ]
        if len(over):
            ended = "; ".join(f"{r.title} ({r.n_over})" for r in over.itertuples())
            parts.append(f"Found earlier only: {ended}.")
        if len(none):
            parts.append(f"Looked for and not found: {'; '.join(none['title'])}.")
        if len(unknown):
            parts.append(f"Not looked for: {'; '.join(not_looked)}.")
        return " ".join([*parts, "For research; no triage."])

    def _say_today(self) -> str:
        return " (the last contact in the data)" if self.settings["today_from_data"] else ""

    def alt_text(self) -> str:
        """Describe the list with its numbers."""
        return f"List of rules by urgency with the patients each concerns. {self.sentence()}"


def audit_delivery(cohort: Cohort, *, today: date | None = None) -> Audit:
    """Find what the team has to look at before its next meeting; points to look at, no triage.

    Each rule is data: ``rules`` names what it looks for, why and from which threshold on. What no
    longer held at the patient's latest record is a note. Sites and therapists whose exposures
    ended early more often, or more rarely, than 99.8 % limits allow are listed by id, not ranked.

    Parameters
    ----------
    cohort
        Any cohort; what was not recorded is not looked for, and said.
    today
        The day of the meeting; by default the last date in the data.

    Returns
    -------
    Audit
        All patients are used: those without a finding too.

    Raises
    ------
    CannotAnswerError
        For a cohort without any date, unless ``today`` is given.
    """
    day = last_date(cohort) if today is None else pd.Timestamp(today)
    if pd.isna(day):
        raise CannotAnswerError(
            "The cohort holds no date of a session, an exposure, a diary entry or an event: name "
            "the day to look from with today = datetime.date(...)."
        )
    records = read_records(cohort, day)
    looked = [_look(rule, records) for rule in RULES]
    findings = _most_urgent_first(pd.concat([found for _, found in looked]))
    table = _by_patient(records, findings)
    return Audit(
        table=table,
        findings=findings,
        rules=_rule_frame([line for line, _ in looked]),
        unit=("patient_id",),
        n_considered=len(table),
        n_used=len(table),
        excluded=pd.DataFrame({"patient_id": [], "reason": []}, dtype="str"),
        settings={
            "today": day.date().isoformat(),
            "today_from_data": today is None,
            "rules": {rule.name: [rule.threshold, rule.version] for rule in RULES},
        },
    )


def _look(rule: Rule, records: Records) -> tuple[dict[str, Any], pd.DataFrame]:
    found = rule.find(records, rule.threshold)
    counts: dict[str, Any] = {"n": None, "n_over": None, "why_not": rule.lacks}
    if found is None:
        return rule.describe() | counts, pd.DataFrame(columns=FINDINGS)
    found = found.astype({"patient_id": "str", "place": "str"})
    ongoing = found["is_ongoing"].astype("bool")
    who = found["patient_id"].fillna(found["place"])
    counts = {"n": who[ongoing].nunique(), "n_over": who[~ongoing].nunique(), "why_not": ""}
    said = pd.Series(
        [rule.said.format(count=f"{n:.0f}", about=about)
         for n, about in zip(found["count"], found["about"], strict=True)],
        index=found.index, dtype="str",
    )  # fmt: skip
    lines = found.assign(
        rule=rule.name,
        urgency=pd.Series(rule.urgency, index=found.index).where(ongoing, NOTE),
        finding=said.where(ongoing, said + "; it ended before the latest record"),
    )
    return rule.describe() | counts, lines[FINDINGS]


def _rule_frame(lines: list[dict[str, Any]]) -> pd.DataFrame:
    rules = pd.DataFrame(lines).rename(columns={"name": "rule"}).drop(columns=["said", "lacks"])
    first = ["urgency", "rule", "title", "n", "n_over", "why_not"]
    rules = rules[[*first, *rules.columns.difference(first, sort=False)]]
    return rules.astype({"n": "Int64", "n_over": "Int64"})


def _rank(urgency: pd.Series) -> pd.Series:
    return urgency.map({name: place for place, name in enumerate(URGENCIES)})


def _most_urgent_first(findings: pd.DataFrame) -> pd.DataFrame:
    order = {rule.name: place for place, rule in enumerate(RULES)}
    kinds = {"patient_id": "str", "place": "str", "count": "float64", "is_ongoing": "bool"}
    typed = findings.astype(kinds)
    typed["since"] = pd.to_datetime(typed["since"]).dt.strftime("%Y-%m-%d")
    ranks = {
        "urgency_rank": _rank(typed["urgency"]),
        "rule_rank": typed["rule"].map(order),
    }
    ranked = typed.assign(**ranks).sort_values([*ranks, "patient_id"], kind="stable")
    return ranked[FINDINGS].reset_index(drop=True)


def _by_patient(records: Records, findings: pd.DataFrame) -> pd.DataFrame:
    people = records.cohort.participants[["patient_id", "site_id", "therapist_id"]]
    table = people.assign(last_seen=people["patient_id"].map(records.last_seen))
    for name, ongoing in (("n_ongoing", True), ("n_over", False)):
        own = findings.loc[findings["is_ongoing"] == ongoing, "patient_id"]
        table[name] = table["patient_id"].map(own.value_counts()).fillna(0).astype("int64")
    return table
