"""The graph behind a name tells models, frames and metrics, where cells were runs."""

from __future__ import annotations

from support.notebooks import Notebook

import celltrail


def test_a_frame_has_the_shape_of_the_version_that_its_run_took_in(notebook: Notebook) -> None:
    notebook.play(
        "from sklearn.linear_model import Ridge",
        "X, y = [[0.0], [1.0], [2.0]], [0, 1, 2]",
        "one = Ridge().fit(X, y)",
        "X, y = [[0.0], [1.0]], [0, 1]",
        "two = Ridge().fit(X, y)",
        "both = [one, two]",
    )

    frames = [node for node in celltrail.lineage("both").nodes if node.label == "X"]

    assert [("frame", "3 rows"), ("frame", "2 rows")] == [(node.kind, node.detail) for node in frames]
