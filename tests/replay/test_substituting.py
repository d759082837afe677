"""What is substituted in a cell is one value; the rest of its text stays to the letter."""

from __future__ import annotations

import pytest

from celltrail.errors import ReplayError, UsageError
from celltrail.replay.substitute import with_params, with_seed


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("m = Ridge(alpha=1.0)  # höher", "m = Ridge(alpha=5)  # höher"),
        ("s = 'é'; m = Ridge( alpha = 1.0 , tol=1)", "s = 'é'; m = Ridge( alpha = 5 , tol=1)"),
        ("m = Ridge()", "m = Ridge(alpha=5)"),
        ("m = Ridge(tol=1,)", "m = Ridge(tol=1, alpha=5,)"),
        ("m = Ridge((1))", "m = Ridge((1), alpha=5)"),
        ("m = Ridge(\n  1  # as )\n)", "m = Ridge(\n  1, alpha=5  # as )\n)"),
        ("%matplotlib inline\nm = lm.Ridge(\n    tol=1,\n).fit(X, y)", None),
    ],
)
def test_a_parameter_is_set_where_the_estimator_is_made(code: str, made: str | None) -> None:
    wanted = "%matplotlib inline\nm = lm.Ridge(\n    tol=1, alpha=5,\n).fit(X, y)" if made is None else made

    assert [wanted] == with_params([code], 0, "Ridge", {"alpha": 5})


def test_the_nearest_cell_up_to_the_run_is_meant() -> None:
    codes = ["m = Ridge(alpha=1)", "m = Ridge(alpha=2)", "m.fit(X, y)", "m = Ridge(alpha=3)"]

    assert ["m = Ridge(alpha=1)", "m = Ridge(alpha=9)", *codes[2:]] == with_params(codes, 2, "Ridge", {"alpha": 9})


def test_what_is_not_clear_is_refused() -> None:
    with pytest.raises(ReplayError, match="2 times"):
        with_params(["a, b = Ridge(), Ridge()"], 0, "Ridge", {"alpha": 5})
    with pytest.raises(ReplayError, match="No cell of the recipe makes a Ridge"):
        with_params(["m = make()"], 0, "Ridge", {"alpha": 5})
    with pytest.raises(UsageError, match="give a literal"):
        with_params(["m = Ridge()"], 0, "Ridge", {"alpha": object()})


def test_of_a_generator_that_is_given_as_a_seed_the_seed_alone_is_another() -> None:
    code = "m = Forest(random_state=np.random.RandomState(0)).fit(X, y)"

    assert [code.replace("(0)", "(123)")] == with_seed([code], 0, 123)


def test_a_seed_is_put_into_the_run_s_cell_alone_where_that_has_one() -> None:
    codes = ["np.random.seed(0)", "m = Forest(random_state=0).fit(X, y)\nrng = default_rng(3)"]

    assert [codes[0], "m = Forest(random_state=8).fit(X, y)\nrng = default_rng(8)"] == with_seed(codes, 1, 8)
    assert ["np.random.seed(8)", "m.fit(X, y)"] == with_seed([codes[0], "m.fit(X, y)"], 1, 8)
    with pytest.raises(ReplayError, match="writes a seed"):
        with_seed(["m.fit(X, y)"], 0, 8)
