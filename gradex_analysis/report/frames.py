"""How does a plain pandas table look on the page? Numbers to the right, without row numbers."""

from __future__ import annotations

import re

ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
CELL = re.compile(r"<t([hd])>(.*?)</t[hd]>", re.DOTALL)
NUMBER = re.compile(r"[-−]?[\d,]*\.?\d+(e[-+]?\d+)?|NaN|inf|&lt;NA&gt;|not recorded")


def align_numbers(html: str) -> str:
    """Mark the cells of all columns that hold numbers only, in the HTML that pandas writes."""
    if 'class="dataframe"' not in html:
        return html
    rows = [[match[2] for match in CELL.finditer(row)] for row in ROW.findall(html)]
    body = [row for row in rows[1:] if len(row) == len(rows[0])]
    numeric = {
        at for at in range(1, len(rows[0])) if body and all(NUMBER.fullmatch(r[at]) for r in body)
    }

    def mark_row(row: re.Match[str]) -> str:
        cells = iter(range(len(rows[0])))

        def mark(cell: re.Match[str]) -> str:
            kind, text = cell[1], cell[2]
            is_number = next(cells, -1) in numeric
            return f'<t{kind} class="number">{text}</t{kind}>' if is_number else cell[0]

        return CELL.sub(mark, row[0])

    marked = ROW.sub(mark_row, html)
    if body and [row[0] for row in rows[1:]] == [str(n) for n in range(len(rows) - 1)]:
        # row numbers say nothing; any other name of a row does
        marked = marked.replace('class="dataframe"', 'class="dataframe counted"', 1)
    return marked
