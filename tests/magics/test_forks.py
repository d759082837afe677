"""Cells that fork: nothing is recorded in a child, no connection of the parent's is touched, its run is whole."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from celltrail.store.doctor import examine
from celltrail.store.trail import Trail

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="no fork there"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]

Run = Callable[..., Any]
FIT = "import os\nimport celltrail\nclf = LogisticRegression(C={c}, max_iter=200).fit(X_train, y_train)\n"
SCORE = "acc = accuracy_score(y_test, clf.predict(X_test))\n"
IN_CHILD = """
    signal.alarm(20)  # a child that waits for ever dies of it
    LogisticRegression(C=3, max_iter=200).fit(X_train, y_train)
    accuracy_score(y_test, clf.predict(X_test))
    celltrail.log_metric("in_child", 1)
"""
FORK = """
import signal
child = os.fork()
if child == 0:
{in_child}
    os._exit(0)
status = os.waitpid(child, 0)[1]
"""


def is_whole(trail: Trail, shell: InteractiveShell, c: float) -> None:
    (run,) = [one for one in trail.search_runs() if c == one.params["C"]]
    assert shell.user_ns["acc"] == run.metrics["accuracy_score.y_test"]
    assert ["clf"] == [fit.name for fit in run.fits]
    assert "in_child" not in run.metrics
    assert c == run.model().C
    assert {} == run.content.field("unknown")
    assert examine(trail).is_well


def test_a_cell_that_forks_is_one_whole_run(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, FIT.format(c=2) + FORK.format(in_child=IN_CHILD) + SCORE)

    assert 0 == shell.user_ns["status"]
    assert 1 == len(trail.search_runs())
    is_whole(trail, shell, 2)


def test_a_child_forked_while_a_thread_of_ours_works_does_not_wait_for_it(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    """The thread that commits running cells may hold a cell's lock just when the user forks."""
    hold = (
        "import threading\nfrom celltrail.magics.extension import current\n"
        "held, done = threading.Event(), threading.Event()\n"
        "def hold():\n    with current().kernel.cells.running()[0].lock:\n"
        "        held.set()\n        done.wait(30)\n"
        "thread = threading.Thread(target=hold)\nthread.start()\nheld.wait()\n"
    )

    run(shell, FIT.format(c=5) + hold + FORK.format(in_child=IN_CHILD) + "done.set()\nthread.join()\n" + SCORE)

    assert 0 == shell.user_ns["status"]
    is_whole(trail, shell, 5)


def test_a_child_that_ends_in_order_changes_nothing_of_its_parents(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    ends = "    from celltrail.magics.extension import unload\n    unload(get_ipython())\n"

    run(shell, FIT.format(c=7) + FORK.format(in_child=IN_CHILD + ends) + SCORE)
    run(shell, FIT.format(c=8) + SCORE)

    assert 0 == shell.user_ns["status"]
    assert 2 == len(trail.search_runs())
    is_whole(trail, shell, 7)
    is_whole(trail, shell, 8)


def test_a_child_that_ends_in_order_waits_for_no_lock_of_its_parents_threads(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    """One of ours may be taking its first look at the environment, or making an id, just when the user forks."""
    hold = (
        "import threading\nfrom contextlib import ExitStack\n"
        "from celltrail.capture import environment, files, machine\nfrom celltrail.domain import ids\n"
        "from celltrail.magics.extension import current\nkernel = current().kernel\n"
        "owners = environment, files, machine, ids, kernel.door, kernel.touching, kernel.saved_panels, kernel.late\n"
        "owners += (kernel.inputs._book,)\n"
        "heard = get_ipython().events.callbacks['pre_run_cell']\n"
        "listeners = [one.__self__ for one in heard if hasattr(one, '__self__')]\n"
        "autosave = next(one.autosave for one in listeners if hasattr(one, 'autosave'))\n"
        "held, done = threading.Event(), threading.Event()\n"
        "def hold():\n"
        "    with ExitStack() as stack:\n"
        "        for owner in owners:\n            stack.enter_context(owner._lock)\n"
        "        stack.enter_context(autosave._wakes)\n"
        "        held.set()\n        done.wait(30)\n"
        "thread = threading.Thread(target=hold)\n"
    )
    ends = "    from celltrail.magics.extension import unload\n    unload(get_ipython())\n"
    run(shell, hold)

    fork = FORK.format(in_child=IN_CHILD + ends)
    run(shell, FIT.format(c=9) + "thread.start()\nheld.wait()\n" + fork + "done.set()\nthread.join()\n" + SCORE)

    assert 0 == shell.user_ns["status"]
    assert 1 == len(trail.search_runs())
    is_whole(trail, shell, 9)


def test_workers_of_a_pool_record_nothing(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    pool = (
        "import multiprocessing\n"
        "def work(c):\n"
        "    celltrail.log_metric('in_child', c)\n"
        "    model = LogisticRegression(C=c, max_iter=200).fit(X_train, y_train)\n"
        "    return accuracy_score(y_test, model.predict(X_test))\n"
        "with multiprocessing.get_context('fork').Pool(2) as workers:\n"
        "    scores = workers.map(work, [0.1, 0.2, 0.3])\n"
    )

    run(shell, FIT.format(c=11) + pool + SCORE)

    assert 3 == len(shell.user_ns["scores"])
    assert 1 == len(trail.search_runs())
    is_whole(trail, shell, 11)


def test_workers_that_load_data_beside_a_fit_record_nothing(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    """As PyTorch's DataLoader does: forked workers that outlive a batch and answer through a queue."""
    load = (
        "import multiprocessing, os\nimport celltrail\nfork = multiprocessing.get_context('fork')\n"
        "asked, given = fork.Queue(), fork.Queue()\n"
        "def work():\n"
        "    while (number := asked.get()) is not None:\n"
        "        celltrail.log_metric('in_child', number)\n        given.put(X_train.iloc[number].sum())\n"
        "workers = [fork.Process(target=work, daemon=True) for _ in range(2)]\n"
        "for worker in workers:\n    worker.start()\n"
        "for number in range(10):\n    asked.put(number)\n"
        "batches = [given.get(timeout=30) for _ in range(10)]\n"
    )
    end = "for worker in workers:\n    asked.put(None)\nfor worker in workers:\n    worker.join(30)\n"

    run(shell, load + FIT.format(c=13) + end + SCORE)

    assert 10 == len(shell.user_ns["batches"])
    is_whole(trail, shell, 13)


@pytest.mark.kernel
def test_spawned_processes_and_loky_record_nothing_and_know_nothing_of_celltrail(
    shell: InteractiveShell, run: Run, trail: Trail
) -> None:
    spawn = (
        "import multiprocessing, sys\nfrom joblib import Parallel, delayed\n"
        "other = LogisticRegression(C=0.5, max_iter=200)\n"
        "with multiprocessing.get_context('spawn').Pool(1) as worker:\n"
        "    spawned = worker.apply(other.fit, (X_train, y_train))\n"
        "    loaded = worker.apply(eval, (\"'celltrail' in __import__('sys').modules\",))\n"
        "fitted = Parallel(n_jobs=2, backend='loky')(\n"
        "    delayed(LogisticRegression(C=c, max_iter=200).fit)(X_train, y_train) for c in (0.1, 0.2))\n"
    )

    run(shell, FIT.format(c=17) + spawn + SCORE)

    assert not shell.user_ns["loaded"]
    assert [0.1, 0.2] == [model.C for model in shell.user_ns["fitted"]]
    assert 1 == len(trail.search_runs())
    is_whole(trail, shell, 17)
