"""What a run says of its data: which columns moved, and of which frame they are a part."""

from __future__ import annotations

from typing import Any

from celltrail.magics.extension import current
from celltrail.views.compare import compare_view
from celltrail.views.data import derived_words

PREPARE = """
import numpy as np, pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
rng = np.random.default_rng(0)
df = pd.DataFrame(rng.random((500, 4)), columns=list("abcd"))
df["y"] = df.a + rng.random(500)
def fitted(share, df=df):
    X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="y"), df.y, train_size=share, random_state=0)
    return X_train, y_train
"""
FIT = "X_train, y_train = fitted({share})\nmodel = LinearRegression().fit(X_train, y_train)  # {n}"


def test_a_run_knows_of_which_frame_its_rows_are(shell: Any, run: Any, trail: Any) -> None:
    run(shell, PREPARE)
    run(shell, FIT.format(share=0.8, n=1))
    run(shell, FIT.format(share=0.6, n=2))

    second, first = trail.search_runs()
    words = {row["name"]: derived_words(row) for row in first.fits[0].inputs}
    changes = {
        change["name"]: (change["before"], change["after"]) for change in compare_view(trail, first, second)["data"]
    }

    assert {"X_train": "400 of the 500 rows of df, −y", "y_train": "400 of the 500 rows of df.y"} == words
    assert ("400", "300") == changes["X_train rows of the same df"]


def test_the_columns_whose_values_moved_are_named(shell: Any, run: Any, trail: Any) -> None:
    run(shell, PREPARE + "X, y = df[list('abcd')].copy(), df.y")
    run(shell, "model = LinearRegression().fit(X, y)  # 1")
    run(shell, "X.loc[3, 'b'] = 9.0")
    run(shell, "model = LinearRegression().fit(X, y)  # 2")

    second, first = trail.search_runs()

    assert ["X.b"] == [change["name"] for change in compare_view(trail, first, second)["data"]]


def test_data_that_are_logged_get_their_digest_however_large(shell: Any, run: Any, trail: Any) -> None:
    run(shell, "import celltrail, numpy as np\nbig = np.zeros((200_000, 4))")
    run(shell, "%%track big\ncelltrail.log_dataset(big, 'big')\ncelltrail.log_metric('m', 1)")
    loaded = current()
    assert loaded is not None
    assert loaded.kernel.late.wait(60)

    (found,) = trail.search_runs()
    assert "kept" == found.inputs[0]["digest_status"]


def test_a_large_profile_comes_after_the_fit(shell: Any, run: Any, trail: Any) -> None:
    run(shell, PREPARE + "X, y = df[list('abcd')].copy(), df.y")
    run(shell, "model = LinearRegression().fit(X, y)  # 1")
    loaded = current()
    assert loaded is not None
    assert loaded.kernel.late.wait(60)

    (found,) = trail.search_runs()

    assert 500 == found.fits[0].inputs[0]["profile"]["rows"]
    assert {"a", "b", "c", "d"} == set(found.fits[0].inputs[0]["profile"]["columns"])
