"""A call is found in the source of a real IPython shell, as the user wrote it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.analysis.callsite import CallSite, call_site, name_of


class Spy:
    """Notes where it was called from."""

    def __init__(self) -> None:
        self.sites: list[CallSite | None] = []

    def __call__(self, *_args: Any, **_kwargs: Any) -> Spy:
        self.sites.append(call_site(sys._getframe(1)))
        return self

    fit = __call__


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.user_ns["spy"] = Spy()
    shell.user_ns["X"] = shell.user_ns["y"] = 1
    yield shell
    shell.reset(new_session=False)
    InteractiveShell.clear_instance()


def site_in(shell: InteractiveShell, cell: str) -> CallSite:
    result = shell.run_cell(cell, store_history=True)
    result.raise_error()
    site = shell.user_ns["spy"].sites[-1]
    assert site is not None
    return site


def test_a_call_in_a_cell_is_read_with_its_arguments(shell: InteractiveShell) -> None:
    site = site_in(shell, "é = 'ü'\nacc = spy(X, *[y], average='macro', **{'z': 3})")

    assert "spy(X, *[y], average='macro', **{'z': 3})" == site.text
    assert ["X", "*[y]"] == site.arguments
    assert {"average": "'macro'", "**": "{'z': 3}"} == site.keywords
    assert "acc" == site.assigned_to
    assert site.is_top_level
    assert 2 == site.line


@pytest.mark.parametrize(
    ("cell", "owner", "assigned_to"),
    [
        ("clf = spy.fit(X, y)", "spy", "clf"),
        ("spy.fit(X, y)", "spy", None),
        ("clf = (spy\n   .fit(X,\n        y))", "spy", "clf"),
        ("a, b = 1, spy.fit(X)", "spy", "b"),
        ("if (got := spy.fit(X)): pass", "spy", "got"),
        ("n: object = spy.fit(X)", "spy", "n"),
        ("clf = spy().fit(X)", "spy()", "clf"),
        ("d = {}\nd['a'] = spy.fit(X)", "spy", None),
        ("s = str(spy.fit(X))", "spy", None),
        ("t = 'ünï'; v = spy.fit(X)", "spy", "v"),
    ],
)
def test_the_receiver_and_the_variable_are_known(
    shell: InteractiveShell, cell: str, owner: str, assigned_to: str | None
) -> None:
    site = site_in(shell, cell)

    assert (owner, assigned_to) == (site.owner, site.assigned_to)


def test_two_calls_on_one_line_are_told_apart(shell: InteractiveShell) -> None:
    shell.run_cell("spy(spy(X), spy(y))")

    texts = [site.text for site in shell.user_ns["spy"].sites]
    assert ["spy(X)", "spy(y)", "spy(spy(X), spy(y))"] == texts


def test_a_comprehension_belongs_to_the_cell_and_a_function_does_not(shell: InteractiveShell) -> None:
    in_list = site_in(shell, "out = [spy(k) for k in (1, 2)]")
    in_function = site_in(shell, "def f(k):\n    got = spy(k)\n    return got\nf(1)")

    assert (True, True) == (in_list.is_top_level, in_list.in_loop)
    assert (False, False) == (in_function.is_top_level, in_function.in_loop)
    assert "got" == in_function.assigned_to


def test_the_body_of_a_class_is_not_the_cell(shell: InteractiveShell) -> None:
    assert not site_in(shell, "class A:\n    got = spy(X)").is_top_level


def test_a_loop_and_an_await_are_seen(shell: InteractiveShell) -> None:
    in_loop = site_in(shell, "for k in (1, 2):\n    spy(k)")
    in_await = site_in(shell, "import asyncio\nasync def g():\n    return spy(X)\nv = await g()\nw = spy(y)")

    assert in_loop.in_loop
    assert "w" == in_await.assigned_to
    assert in_await.is_top_level


def test_magics_in_the_cell_do_not_hide_a_call(shell: InteractiveShell) -> None:
    site = site_in(shell, "%alias_magic t timeit\nacc = spy(X)")

    assert "acc" == site.assigned_to


def test_code_without_source_gives_none() -> None:
    spy = Spy()

    exec(compile("spy(1)", "<nowhere>", "exec"), {"spy": spy})

    assert [None] == spy.sites


def test_an_argument_is_found_by_place_or_name() -> None:
    site = CallSite("f(a, c=b)", "f", None, ["a"], {"c": "b"}, True, None, False, 1)

    assert "a" == site.argument(0, "x")
    assert "b" == site.argument(2, "c")
    assert site.argument(1, "d") is None


def test_a_name_is_found_by_identity_and_nothing_is_compared() -> None:
    class Touchy:
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        __hash__ = None  # type: ignore[assignment]

    value = Touchy()

    assert "mine" == name_of(value, {"other": Touchy(), "_": value, "mine": value})
    assert name_of(Touchy(), {"mine": value}) is None
