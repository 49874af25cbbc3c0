"""Small files in the test's own lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.loaders import load_cohort

Load = Callable[..., Cohort]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a log given as text or bytes; ``mapping`` is TOML, ``files`` adds tables by name."""

    def _load(
        log: str | bytes | None = None,
        *,
        mapping: str | None = None,
        strict: bool = True,
        files: dict[str, str] | None = None,
    ) -> Cohort:
        texts: dict[str, str | bytes] = dict(files or {})
        if log is not None:
            texts["log.csv"] = log
        for name, text in texts.items():
            (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        if mapping is not None:
            (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        return load_cohort(tmp_path, strict=strict)

    return _load
