"""Names, seeds, digests of text: all read from the source alone."""

from __future__ import annotations

import pytest

from celltrail.analysis.names import CellNames, cell_names, is_only_definitions, scalar_candidates
from celltrail.analysis.seeds import find_seed, unseeded
from celltrail.analysis.source import bytes_digest, normalise_code, parse_cell, text_digest


@pytest.mark.parametrize(
    ("source", "read", "bound"),
    [
        ("a = b + c", ["b", "c"], ["a"]),
        ("a = 1\nprint(a)", [], ["a"]),
        ("n += 1", ["n"], ["n"]),
        ("def f(x, k=d):\n    y = x + out\n    return y", ["d", "out"], ["f"]),
        ("[x for x in data if x > low]", ["data", "low"], []),
        ("for i in rows:\n    last = i", ["rows"], ["i", "last"]),
        ("import numpy as np, os.path\nfrom a import b as c", [], ["np", "os", "c"]),
        ("g = lambda v: v * scale", ["scale"], ["g"]),
        ("class A(Base):\n    k = 1\n    def m(self): return k2", ["Base", "k2"], ["A"]),
        ("with open(p) as f:\n    t = f.read()", ["p"], ["f", "t"]),
        ("%time x = 1\ny = z", ["z"], ["x", "y"]),
        ("(w := q)", ["q"], ["w"]),
        ("%%bash\nls", [], []),
    ],
)
def test_names_read_and_bound(source: str, read: list[str], bound: list[str]) -> None:
    names = cell_names(source)

    assert (sorted(read), sorted(bound)) == (sorted(names.read), sorted(names.bound))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("acc = (p == y).mean()", [("acc", ["p", "y"])]),
        ("rmse = np.sqrt(((p - y) ** 2).mean())", [("rmse", ["np", "p", "y"])]),
        ("n = 3\nm = n\nclf = Ridge(alpha=a)", []),
        ("e = 1 - accuracy", [("e", ["accuracy"])]),
        ("e = f(p)\ne = 3", []),
        ("for k in ks:\n    s = f(p)", []),
        ("broken = (", []),
    ],
)
def test_scalars_that_may_be_scores(source: str, expected: list[tuple[str, list[str]]]) -> None:
    assert expected == scalar_candidates(source)


@pytest.mark.parametrize(
    ("source", "seed"),
    [
        ("clf = RF(random_state=42)", 42),
        ("np.random.seed(0)", 0),
        ("rng = np.random.default_rng(1)", 1),
        ("SEED = 3\nclf = RF(random_state=SEED)", 3),
        ("train_test_split(X, random_state=1); RF(random_state=2)", None),
        ("torch.manual_seed(7)", 7),
        ("RF(random_state=None)", None),
        ("RF(random_state=rng)", None),
        ("x = 1", None),
        ("(", None),
    ],
)
def test_the_seed_in_the_code(source: str, seed: int | None) -> None:
    assert seed == find_seed(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("clf = RandomForestClassifier()", ["RandomForestClassifier"]),
        ("clf = RandomForestClassifier(random_state=1)", []),
        ("clf = RandomForestClassifier(**cfg)", []),
        ("np.random.seed(0)\nclf = RandomForestClassifier()", []),
        ("x = np.random.rand(3); y = rng.normal()", ["np.random.rand"]),
        ("LogisticRegression()", []),
        ("rng = default_rng()", ["default_rng"]),
    ],
)
def test_what_draws_without_a_seed_is_named(source: str, expected: list[str]) -> None:
    assert expected == unseeded(source)


def test_cells_that_only_define_are_known() -> None:
    assert is_only_definitions("'''doc'''\nimport os\ndef f():\n    pass")
    assert not is_only_definitions("import os\nx = 1")
    assert not is_only_definitions("")


def test_text_has_one_digest_for_ever() -> None:
    empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"  # of nothing, by the BLAKE3 paper

    assert empty == text_digest("")
    assert bytes_digest("ü".encode()) == text_digest("ü")
    assert 64 == len(text_digest("\ud800"))


def test_line_ends_do_not_make_another_cell() -> None:
    assert normalise_code("a\nb") == normalise_code("\r\na\r\nb\r\n")
    assert normalise_code("'x '\n") != normalise_code("'x'\n")


def test_magics_leave_the_line_numbers_alone() -> None:
    tree = parse_cell("%matplotlib inline\nfiles = !ls\nx?\ny = 1")

    assert tree is not None
    assert 4 == tree.body[-1].lineno


def test_what_a_line_magic_times_is_the_cells_own() -> None:
    assert CellNames(["df"], ["X"]) == cell_names("%time X = df.a\n%timeit df.b")
