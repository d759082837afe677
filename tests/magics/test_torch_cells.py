"""What a cell leaves in which a loop of the user's trains a PyTorch module. Not part of CI: PyTorch is too large."""

from __future__ import annotations

import gc
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import celltrail
from celltrail.errors import UsageError
from celltrail.store.trail import Trail

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

Run = Callable[..., Any]

PREPARE = """
import celltrail, torch
torch.manual_seed(0)
A, b = torch.tensor(X_train.to_numpy("float32")), torch.tensor(y_train.to_numpy())
A_test, b_test = torch.tensor(X_test.to_numpy("float32")), y_test.to_numpy()
class Net(torch.nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.inner, self.last = torch.nn.Linear(4, hidden), torch.nn.Linear(hidden, 3)
    def forward(self, x):
        return self.last(torch.relu(self.inner(x)))
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.5)
celltrail.watch(net, optimizer)
"""
TRAIN = """
for step in range(50):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(net(A), b)
    loss.backward()
    optimizer.step()
    scheduler.step()
    celltrail.log_metric("loss", loss.item(), step)
"""


def test_a_watched_loop_becomes_a_run_with_a_fit(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)

    (found,) = trail.search_runs()
    (fit,) = found.fits
    assert ("net", "Net") == (fit.name, fit.estimator)
    assert {"optimizer": "SGD", "lr": 0.1, "momentum": 0.9} == {
        name: value for name, value in fit.params_written.items() if name != "layers"
    }
    assert 50 == fit.params["steps"]
    assert sum(one.numel() for one in shell.user_ns["net"].parameters()) == fit.params["weights"]
    curves = {series["key"]: series["values"] for series in found.content.field("series")}
    assert 50 == len(curves["loss"])
    assert [0.1, 0.05, 0.025] == list(dict.fromkeys(curves["learning_rate"]))
    assert {} == found.content.field("unknown")


def test_the_kept_module_answers_as_the_trained_one(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)
    run(shell, "celltrail.keep(net)")  # whatever it takes: how fast the machine is, is not the question

    (found,) = trail.search_runs()
    data = shell.user_ns["A_test"]
    assert torch.equal(shell.user_ns["net"](data), found.model()(data))


def test_a_loop_in_a_second_cell_is_a_run_of_its_own(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)
    run(shell, TRAIN.replace("50", "60"))

    assert [60, 50] == [found.fits[0].params["steps"] for found in trail.search_runs()]


def test_a_failing_loop_leaves_what_it_did(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    shell.run_cell(TRAIN + "    if step == 9: raise ValueError('enough')", store_history=True)

    (found,) = trail.search_runs()
    assert "enough" in (found.fits[0].error or "")
    (loss,) = [series for series in found.content.field("series") if series["key"] == "loss"]
    assert 10 == len(loss["values"])


def test_a_metric_in_the_cell_belongs_to_the_module(shell: InteractiveShell, run: Run, trail: Trail) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN + "accuracy_score(b_test, net(A_test).argmax(1))")

    (found,) = trail.search_runs()
    (metric,) = [one for one in found.content.field("metrics") if one["key"] == "accuracy_score.b_test"]
    assert found.fits[0].id == metric["fit_id"]


def test_nothing_of_celltrail_is_pickled_or_left_behind(shell: InteractiveShell, run: Run) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)
    optimizer = shell.user_ns["optimizer"]

    assert b"celltrail" not in pickle.dumps(optimizer)
    assert b"celltrail" not in pickle.dumps(shell.user_ns["net"].state_dict())
    run(shell, "%unload_ext celltrail")
    assert 0 == len(optimizer._optimizer_step_post_hooks)


def test_a_watched_module_is_not_kept_alive(shell: InteractiveShell, run: Run) -> None:
    run(shell, PREPARE)
    run(shell, TRAIN)
    alive = weakref.ref(shell.user_ns["net"])

    run(shell, "del net, optimizer, scheduler, loss")
    run(shell, "1")
    gc.collect()

    assert alive() is None


def test_what_is_no_module_is_refused(shell: InteractiveShell, run: Run) -> None:
    with pytest.raises(UsageError, match=r"torch\.nn\.Module"):
        celltrail.watch(object(), object())
