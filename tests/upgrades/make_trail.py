"""Make the small trail that stands for a schema in this folder: every kind of row, by the real writer of that schema.

Run it with the code whose schema is to be kept, from a checkout of that code:

    PYTHONPATH=CHECKOUT/src:CHECKOUT/tests python tests/upgrades/make_trail.py TARGET.zip

It says what it made, so that the test knows what must come through (`KEPT` in test_upgrading.py). Each released
schema gets one, and none is ever made again.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from support.stored import ACCURACY, Workshop, a_fit, a_frame, a_full_cell, a_metric

from celltrail.domain.ids import ExecutionId, new_id
from celltrail.domain.record import CellRecord, ExecutionRecord, RunStatus
from celltrail.store.annotate import forget, set_note, set_tag
from celltrail.store.migrate import schema_version
from celltrail.store.trail import Trail

# The same bytes wherever it is made.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def fill(shop: Workshop) -> None:
    """Save what a few days of work leave behind."""
    # Names of nobody's machine.
    shop.session = replace(shop.session, host="workshop", boot_id="", pid=1)
    for depth in range(6):
        fit = a_fit(
            "clf", {"max_depth": depth, "criterion": "gini"}, inputs=[a_frame("X_train", "X", str(depth % 2))]
        )
        shop.save(fits=[fit], metrics={ACCURACY: 0.8 + depth / 100}, tags={"owner": "me"})
    for _ in range(3):
        shop.save("steady", source="clf.fit(X, y)", metrics={ACCURACY: 0.7})
    shop.save("zoo", fits=[a_fit("rf"), a_fit("lr", {"C": 1.0})], metrics={"log_loss.y_test": float("inf")})
    shop.save("zoo", status=RunStatus.FAILED, error="ValueError: no")
    full = shop.keep(a_full_cell(shop))
    set_note(shop.trail, full, "the one to keep")
    set_tag(shop.trail, full, "stage", "tried")
    forget(shop.trail, shop.save("gone"))
    _score_again(shop)
    # A kernel that was killed: its run is still said to be running.
    shop.keep(shop.cell("cut-short", fits=[a_fit()], status=RunStatus.RUNNING))


def _score_again(shop: Workshop) -> None:
    """Let a later cell score an earlier run."""
    run = shop.trail.run("forest#6")
    like = shop.cell()
    execution = ExecutionRecord(
        ExecutionId(new_id()),
        shop.session.id,
        like.execution.notebook,
        "later",
        99,
        "accuracy_score(y_test, clf.predict(X_test))",
        like.execution.started_at,
        RunStatus.FINISHED,
        0.1,
    )
    fit = run.fits[0].id
    shop.trail.save(CellRecord(shop.session, execution, None, [a_metric(run.id, fit, ACCURACY, 0.87)]), wait_s=5)


def main() -> None:
    """Make the trail, and pack it."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / ".celltrail"
        with Trail.open(base) as trail:
            fill(Workshop(trail))
            for row in trail.db.rows(
                "SELECT e.name, r.number, r.status FROM runs AS r JOIN experiments AS e ON e.id = r.experiment_id"
            ):
                print(*row)  # noqa: T201
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in sorted(path for path in base.rglob("*") if path.is_file() and path.suffix != ".lock"):
                entry = zipfile.ZipInfo(file.relative_to(base).as_posix(), LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(entry, file.read_bytes())
    print(f"schema {schema_version()}: {target.stat().st_size} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
