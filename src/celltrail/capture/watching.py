"""`celltrail.watch(model, optimizer)`: a training loop that the user writes becomes a fit of each cell it runs in.

PyTorch has no `fit` that could be seen. The optimizer tells of its steps: the first one in a cell begins a fit, the
end of the cell ends it. Only the optimizer bears a hook, which PyTorch neither pickles nor copies.
"""

from __future__ import annotations

import weakref
from typing import Any

from celltrail.capture.by_hand import loaded
from celltrail.capture.cell import OpenCell
from celltrail.capture.guard import contained
from celltrail.capture.kernel import Kernel
from celltrail.capture.listener import CallListener
from celltrail.errors import UsageError
from celltrail.flavors.protocol import Call
from celltrail.flavors.torch_describer import rate_of

# Rates kept of one training; of a longer one every second is dropped, again and again.
_MOST_RATES = 2_000


def watch(model: Any, optimizer: Any) -> None:
    """Watch a PyTorch module that a loop of your own trains.

    Every cell in which the optimizer makes a step becomes a run with a fit of this model: the optimizer's settings,
    the layers, the learning rate by step, and the model as it is at the cell's end. What the loop measures it says
    itself: `celltrail.log_metric("loss", loss.item(), step)`.

    Parameters
    ----------
    model : torch.nn.Module
        What is trained.
    optimizer : torch.optim.Optimizer
        Whose steps train it. Watching it again replaces the earlier watch.

    Raises
    ------
    NoActiveRunError
        If celltrail is not loaded.
    UsageError
        If these are no module and optimizer of PyTorch.

    Examples
    --------
    >>> celltrail.watch(net, optimizer)                                           # doctest: +SKIP
    >>> for step, (X, y) in enumerate(loader):                                    # doctest: +SKIP
    ...     optimizer.zero_grad(); loss = criterion(net(X), y); loss.backward(); optimizer.step()
    ...     celltrail.log_metric("loss", loss.item(), step)
    """
    kernel = loaded("watch")
    if not hasattr(model, "state_dict") or not hasattr(optimizer, "register_step_post_hook"):
        raise UsageError(
            f"celltrail.watch({type(model).__name__}, {type(optimizer).__name__}): give a torch.nn.Module and the "
            "torch.optim.Optimizer that trains it (PyTorch 2.0 or newer). Other libraries are seen without it."
        )
    known = _watches.pop(optimizer, None)
    if known is not None:
        known.handle.remove()
    _watches[optimizer] = _Watch(kernel, model, optimizer)


def unwatch_all() -> None:
    """Take every hook off: celltrail is being unloaded."""
    for one in list(_watches.values()):
        one.handle.remove()
    _watches.clear()


class _Watch:
    """The steps of one optimizer."""

    def __init__(self, kernel: Kernel, model: Any, optimizer: Any) -> None:
        self._kernel = kernel
        self._model = weakref.ref(model)
        self._training: _Training | None = None
        self.handle = optimizer.register_step_post_hook(self._stepped)

    def _stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        del args, kwargs
        with contained(lambda _: None):
            training = self._training
            if training is None or training.cell.is_over:
                training = self._training = self._begun(optimizer)
            if training is not None:
                training.step(optimizer)

    def _begun(self, optimizer: Any) -> _Training | None:
        cell, model = self._kernel.cells.current(), self._model()
        if cell is None or model is None or self._kernel.mode == "off":
            return None
        return _Training(cell, model, optimizer, self._kernel)


class _Training:
    """What an optimizer does in one cell."""

    def __init__(self, cell: OpenCell, model: Any, optimizer: Any, kernel: Kernel) -> None:
        self.cell = cell
        self._steps = 0
        self._every = 1
        self._rates: list[float] = []
        self._listener = CallListener(kernel)
        self._call = Call("fit", "torch", "watch", model, {"optimizer": optimizer}, None)
        self._call.curves = self._curves
        self._listener.opened(self._call)
        if (origin := self._call.notes.get("origin")) is not None:
            kernel.predictions.remember_fit(model, origin)  # the cell may score it before it ends
        cell.at_end.append(self._ended)

    def step(self, optimizer: Any) -> None:
        """Count a step."""
        rate = rate_of(optimizer)
        if rate is not None and self._steps % self._every == 0:
            self._rates.append(rate)
            if len(self._rates) > _MOST_RATES:
                self._rates, self._every = self._rates[::2], self._every * 2
        self._steps += 1

    def _curves(self) -> dict[str, list[float]]:
        # A rate that never moved is a parameter, no curve.
        return {"learning_rate": list(self._rates)} if len(set(self._rates)) > 1 else {}

    def _ended(self, error: BaseException | None) -> None:
        self._listener.closed(self._call, self._steps, error)
        self._call.owner, self._call.arguments = None, {}  # nothing of the user's is kept alive


_watches: weakref.WeakKeyDictionary[Any, _Watch] = weakref.WeakKeyDictionary()
