"""SQL is read for what it names; what holds values is not kept."""

from __future__ import annotations

import pytest

from celltrail.flavors.sql_text import read_statement


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select * from a, b as c, d.e join F on x = y", ("a", "b", "d.e", "F")),
        ('select * from "my table" t, [other one]', ("my table", "other one")),
        ("with x as (select * from raw) select * from x join y using (id)", ("raw", "y")),
        ("insert into t (a, b) select a, b from s", ("t", "s")),
        ("create table if not exists t as select 1", ("t",)),
        ("update t set a = ?", ("t",)),
        ("delete from t", ("t",)),
        ("select extract(year from d) from t", ("t",)),
        ("select a is distinct from b from t", ("t",)),
        ("select * from (select * from inner_one)", ("inner_one",)),
        ("select * from generate(3)", ()),
        ("select 'from hidden'", ()),
        ("-- from hidden\nselect 1 /* from hidden */", ()),
    ],
)
def test_the_tables_are_those_that_stand_where_sql_puts_them(sql: str, tables: tuple[str, ...]) -> None:
    assert tables == read_statement(sql).tables


@pytest.mark.parametrize(
    ("sql", "read", "written"),
    [
        ("select * from 'a.parquet' join 'b/*.csv' using (id)", ("a.parquet", "b/*.csv"), ()),
        ("select * from read_csv('it''s.csv', header = true)", ("it's.csv",), ()),
        ("select * from read_parquet(['a.parquet', 'b.parquet'])", ("a.parquet", "b.parquet"), ()),
        ("copy (select * from df) to 'out.parquet' (format parquet)", (), ("out.parquet",)),
        ("attach 'other.db' as o", ("other.db",), ()),
        ("select * from t where name = 'a.csv'", (), ()),
    ],
)
def test_files_are_texts_in_the_place_of_a_table(sql: str, read: tuple[str, ...], written: tuple[str, ...]) -> None:
    found = read_statement(sql)

    assert (read, written) == (found.files, found.written_files)


def test_a_statement_is_kept_only_where_it_holds_no_value() -> None:
    assert "select a from t where b = ?" == read_statement("select a\n  from t where b = ?").text
    for value in ("'bob@example.org'", '"bob@example.org"', "4111111111111111", "$$bob$$", "-- bob", "/* bob */"):
        assert read_statement(f"select a from t where b = {value}").text is None


def test_what_changes_something_is_writing() -> None:
    assert "write" == read_statement("with new as (select * from s) insert into t select * from new").mode
    assert "write" == read_statement("select 1; drop table t").mode
    assert "read" == read_statement("select replace(a, b, c) from t").mode
