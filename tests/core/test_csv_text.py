"""Records as RFC 4180 has them, and texts that no spreadsheet takes for a formula."""

import csv
import io

import pytest

from core.csv_text import csv_line


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (-12, "-12"),
        ("-12.50", "-12.50"),
        ("plain", "plain"),
        ("中文，名称", "中文，名称"),
        ("=1+1", "'=1+1"),
        ("+8613800138000", "'+8613800138000"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ('a "quoted", text\nof two lines', 'a "quoted", text\nof two lines'),
    ],
)
def test_a_cell(value: str | int | bool | None, cell: str) -> None:
    line = csv_line(["first", value])
    assert line.endswith(b"\r\n")
    [read] = csv.reader(io.StringIO(line.decode(), newline=""))
    assert read == ["first", cell]


def test_quotes_where_they_are_needed() -> None:
    assert csv_line(["a,b", 'c"d', "e"]) == b'"a,b","c""d",e\r\n'
