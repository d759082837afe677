"""Two environments side by side."""

from __future__ import annotations

from typing import Any

from celltrail.replay.environment_diff import Difference, diff_environments

HERE: dict[str, Any] = {
    "python": "3.11.7",
    "implementation": "CPython",
    "platform": "Linux-6.1-x86_64",
    "machine": {"cpu": "X", "cores": 2, "memory_bytes": 8 * 2**30, "gpu": []},
    "distributions": [["numpy", "2.3.5", "", "used"], ["pip", "25.0", "", ""], ["six", "1.17.0", "", ""]],
    "threads": {
        "variables": {"OMP_NUM_THREADS": "1"},
        "pools": [{"user_api": "blas", "internal_api": "openblas", "version": "0.3.29", "num_threads": 2}],
    },
}


def test_equal_environments_differ_in_nothing_and_say_what_is_alike() -> None:
    diff = diff_environments(HERE, HERE)

    assert () == diff.differences
    assert "Python 3.11.7" in diff.same
    assert "3 distributions" in diff.same


def test_each_kind_of_difference_is_named_with_both_sides() -> None:
    there = {
        "python": "3.12.1",
        "implementation": "CPython",
        "platform": "macOS-14.5-arm64",
        "machine": {"cpu": "M3", "cores": 8, "memory_bytes": 16 * 2**30, "gpu": ["M3"]},
        "distributions": [["numpy", "2.4.0", "", "used"], ["pip", "26.0", "", ""], ["gamma", "1", "", ""]],
        "threads": {
            "variables": {},
            "pools": [{"user_api": "blas", "internal_api": "accelerate", "version": None, "num_threads": 8}],
        },
    }

    differences = diff_environments(HERE, there).differences

    assert Difference("python", "Python", "3.11.7", "3.12.1") in differences
    assert Difference("hardware", "cores", "2", "8") in differences
    assert Difference("hardware", "gpu", "none", "M3") in differences
    assert Difference("threads", "BLAS", "openblas 0.3.29, 2 threads", "accelerate, 8 threads") in differences
    assert Difference("variable", "OMP_NUM_THREADS", "1", "") in differences
    names = [one.name for one in differences if one.kind == "distribution"]
    assert ["numpy", "pip", "gamma", "six"] == names  # used first, then other versions, then what one side has


def test_the_same_version_from_another_place_differs() -> None:
    mine = {**HERE, "distributions": [["numpy", "2.3.5", "editable file:///src/numpy", "used"]]}

    (numpy,) = [one for one in diff_environments(HERE, mine).differences if one.name == "numpy"]

    assert ("2.3.5", "2.3.5 (editable file:///src/numpy)") == (numpy.before, numpy.after)


def test_a_side_that_has_loaded_no_blas_says_nothing_of_it() -> None:
    bare = {**HERE, "threads": {"variables": {"OMP_NUM_THREADS": "1"}, "pools": []}}

    assert () == diff_environments(HERE, bare).differences
