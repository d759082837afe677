"""What Python has shown once stays shown once, whatever celltrail's own work does with the filters of warnings."""

from __future__ import annotations

import subprocess
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from celltrail.capture import hardware
from celltrail.capture.git import finish_git, read_git
from celltrail.capture.warned import changes_of_filters, nothing_warned_anew
from celltrail.domain.record import Keeping


@pytest.fixture
def warn() -> Iterator[Callable[[], int]]:
    """Return a function of a module that warns always of the same; it tells how often that was shown so far."""
    module = types.ModuleType("module_that_warns")
    exec("import warnings\ndef warn():\n    warnings.warn('again and again', UserWarning)", module.__dict__)
    sys.modules[module.__name__] = module
    with warnings.catch_warnings(record=True) as shown:
        warnings.resetwarnings()
        warnings.simplefilter("default")

        def call() -> int:
            module.warn()
            return len(shown)

        yield call
    del sys.modules[module.__name__]


def set_filters_for_a_moment() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")


def test_python_shows_again_what_it_showed_once_when_the_filters_were_set(warn: Callable[[], int]) -> None:
    assert [1, 1] == [warn(), warn()]

    set_filters_for_a_moment()

    assert 2 == warn()


def test_what_was_shown_once_is_not_shown_again_because_of_our_work(warn: Callable[[], int]) -> None:
    warn()

    with nothing_warned_anew():
        set_filters_for_a_moment()

    assert 1 == warn()


def test_what_only_says_that_it_is_a_module_is_let_be(
    warn: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:  # as cffi's, which stand in sys.modules
        __slots__ = ()
        __class__ = types.ModuleType  # type: ignore[assignment]

    monkeypatch.setitem(sys.modules, "_library_in_c.lib", Library())  # type: ignore[arg-type]
    warn()

    with nothing_warned_anew():
        set_filters_for_a_moment()

    assert 1 == warn()


def test_what_the_user_made_python_forget_stays_forgotten(warn: Callable[[], int]) -> None:
    warn()

    set_filters_for_a_moment()
    with nothing_warned_anew():
        set_filters_for_a_moment()

    assert 2 == warn()


@pytest.mark.parametrize("action", ["always", "default", "error", "ignore", "module", "once"])
def test_asking_shows_and_raises_nothing(action: str) -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.resetwarnings()
        warnings.simplefilter(action)  # type: ignore[arg-type]

        counts = {changes_of_filters(), changes_of_filters()}

    assert [] == shown
    assert 1 == len(counts)
    assert counts.isdisjoint({changes_of_filters()})


def test_whoever_lists_the_kinds_of_warnings_is_not_disturbed() -> None:
    changes_of_filters()

    assert all(kind.__name__ for kind in ImportWarning.__subclasses__())


def test_work_in_a_thread_beside_the_cell_leaves_the_filters_alone(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    hardware.system_name.cache_clear()
    found = []

    def work() -> None:
        found.append(hardware.system_name())
        found.append(finish_git(read_git(tmp_path), tmp_path)[0].status)

    before = changes_of_filters()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert before == changes_of_filters()
    assert Keeping.KEPT is found[1]


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="asked of platform itself there")
def test_the_system_is_named_as_platform_names_it() -> None:
    import platform

    hardware.system_name.cache_clear()

    assert platform.platform().startswith(hardware.system_name())
