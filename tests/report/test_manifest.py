import pytest

from gradex_analysis.report.manifest import names_only


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/somebody/study/mapping.toml", "mapping.toml"),
        (r"C:\Users\somebody\mapping.toml", "mapping.toml"),
        ("study/mapping.toml", "study/mapping.toml"),
        ({"a": ["/x/y", 3]}, {"a": ["y", 3]}),
        (None, None),
    ],
)
def test_absolute_paths_are_cut_to_their_names(value, expected):
    assert names_only(value) == expected
