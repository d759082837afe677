"""Keeping a fitted model within a budget, and giving it back to whoever may have it."""

from __future__ import annotations

import functools
import io
import pickle
import sys
import time
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from celltrail.domain.ids import Digest
from celltrail.errors import NotKeptError, UntrustedModelError
from celltrail.flavors.pickled import (
    CloudpickleFlavor,
    PickleFlavor,
    UnloadableError,
    WrittenHereError,
    imports_of,
)
from celltrail.flavors.protocol import ModelFlavor
from celltrail.flavors.trust import is_trusted, sign
from celltrail.plugins import FLAVORS, members_of

# What pickling an object that can't be pickled is known to raise: an open file, a lock, a generator, a callback.
_UNPICKLABLE = (
    pickle.PicklingError,
    AttributeError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)

# Time is this thread's own on the processor: on a busy machine the same model is kept as on an idle one. A model that
# waits for something else (a device, a network) may do so ten times as long, half a second as a rule.
_MOST_WAITING = 10

# Flavors that bear the name of their library: without it there is no model that they could know.
_LIBRARIES = ("keras", "statsmodels", "torch")
_LAST = {PickleFlavor.name: 1, CloudpickleFlavor.name: 2}


@dataclass(frozen=True, slots=True)
class Budget:
    """How much keeping a model may cost.

    Attributes
    ----------
    seconds : float
        Processor time of the thread that keeps it; ten times as much by the clock.
    size_bytes : int
        Room.
    """

    seconds: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A model that was kept.

    Attributes
    ----------
    data : bytes
        Its content.
    digest : Digest
        BLAKE3 of the content.
    flavor : str
        By which it is loaded.
    signature : str
        This user's word that his kernel made it; empty where no key can be kept.
    """

    data: bytes = field(repr=False)
    digest: Digest
    flavor: str
    signature: str


@dataclass(frozen=True, slots=True)
class NotKept:
    """A model that was not kept.

    Attributes
    ----------
    reason : str
        One line for a person.
    is_over_budget : bool
        True where more time or room would have done.
    """

    reason: str
    is_over_budget: bool


# So much is kept however long the processor took: Python may collect its garbage in the few milliseconds that it
# takes, and the same cell is to leave the same record. By trial; the pickles of most models are smaller.
_ALWAYS_KEPT_BYTES = 2**20


class _OverBudgetError(Exception):
    """Raised out of the stream when the budget is used up."""


class _BudgetedStream:
    """Collects what is written until time or room is used up."""

    def __init__(self, budget: Budget) -> None:
        self.chunks: list[bytes] = []
        self.size_bytes = 0
        self._budget = budget
        self._started_s, self._cpu_started_s = time.perf_counter(), time.thread_time()

    def write(self, chunk: Any) -> int:
        size: int = memoryview(chunk).nbytes
        self.size_bytes += size
        if self.size_bytes > self._budget.size_bytes:
            raise _OverBudgetError(f"larger than {_megabytes(self._budget.size_bytes)}")
        # The first piece (64 kB) costs nothing any more once it is there.
        if self.chunks and self._is_late():
            raise _OverBudgetError(f"takes longer than {self._budget.seconds * 1000:.0f} ms")
        self.chunks.append(bytes(chunk))
        return size

    def begin_again(self) -> None:
        """Forget what was written, not the time that it took."""
        self.chunks.clear()
        self.size_bytes = 0

    def _is_late(self) -> bool:
        used_s = time.thread_time() - self._cpu_started_s
        if used_s > self._budget.seconds and self.size_bytes > _ALWAYS_KEPT_BYTES:
            return True
        return time.perf_counter() - self._started_s > _MOST_WAITING * self._budget.seconds


def save_model(model: Any, budget: Budget) -> SavedModel | NotKept:
    """Keep a model as bytes, if it can be done within the budget.

    Parameters
    ----------
    model : object
        Fitted. It is not changed.
    budget : Budget
        Time and room. Writing stops when either is used up.

    Returns
    -------
    SavedModel or NotKept
        The content with its flavor, digest and signature; or why there is none.
    """
    flavors = _flavors_for(model)  # the first model of a session finds out which there are: no cost of this model
    reason = "no flavor knows it"
    stream = _BudgetedStream(budget)
    for flavor in flavors:
        stream.begin_again()
        try:
            flavor.save(model, cast(BinaryIO, stream))
        except _OverBudgetError as over:
            return NotKept(f"{type(model).__name__} was not kept: {over}", is_over_budget=True)
        except UnloadableError as failure:
            return NotKept(f"{type(model).__name__} was not kept: {failure}", is_over_budget=False)
        except WrittenHereError as failure:
            reason = str(failure)
        except _UNPICKLABLE as failure:
            reason = (str(failure) or type(failure).__name__).splitlines()[0]
            if flavor.name == PickleFlavor.name:
                break  # cloudpickle would fail as well, later and at greater length
        else:
            data = b"".join(stream.chunks)
            digest = _digest_of(data)
            return SavedModel(data, digest, flavor.name, sign(digest, flavor.name))
    return NotKept(f"{type(model).__name__} can't be pickled: {reason}", is_over_budget=False)


def load_model(data: bytes, flavor: str, digest: Digest, signature: str) -> Any:
    """Load a model that may be trusted.

    Parameters
    ----------
    data : bytes
        Its content.
    flavor : str
        By which it was saved.
    digest : Digest
        BLAKE3 of the content, as it stands on record.
    signature : str
        As it stands on record.

    Returns
    -------
    object
        The model.

    Raises
    ------
    UntrustedModelError
        If neither this user's kernel made it nor the user trusts its digest; says what it would import. Nothing
        of it has been executed.
    NotKeptError
        If the content is not the one on record, or the flavor is not installed.
    """
    actual = _digest_of(data)
    if actual != digest:
        raise NotKeptError(f"The model on record is {digest[:12]}, its content is {actual[:12]}: it was changed.")
    if not is_trusted(digest, flavor, signature):
        imports = imports_of(data)
        listed = ", ".join(imports[:20]) + (f" and {len(imports) - 20} more" if len(imports) > 20 else "")
        raise UntrustedModelError(
            f"The model {digest[:12]} was not loaded: it is a pickle that this user's kernels did not make, and a "
            f"pickle can run anything. It would import {listed or 'nothing'}. If you know where it comes from, "
            f"trust it by its digest: {digest}"
        )
    known = {one.name: one for one in _all_flavors()}
    if flavor not in known:
        raise NotKeptError(f'The model {digest[:12]} is of flavor "{flavor}", which is not installed here.')
    return known[flavor].load(io.BytesIO(data))


def state_of(data: bytes, flavor: str) -> Digest | None:
    """Return the digest of a kept model's state: equal for models that are equal. Nothing of it is run.

    Parameters
    ----------
    data : bytes
        Its content.
    flavor : str
        By which it was saved.

    Returns
    -------
    Digest or None
        None where it can't be told: the flavor writes no pickle.
    """
    from celltrail.flavors.model_state import state_digest

    known = {one.name: one for one in _all_flavors()}
    return state_digest(data, getattr(known.get(flavor), "telling", ()))


@functools.cache  # reading entry points takes milliseconds; what is installed later is seen after a restart
def _all_flavors(but: frozenset[str] = frozenset()) -> list[ModelFlavor]:
    found: dict[str, ModelFlavor] = dict(members_of(FLAVORS, but=but).loaded)
    for own in (PickleFlavor(), CloudpickleFlavor()):
        found.setdefault(own.name, own)
    return list(found.values())


def _flavors_for(model: Any) -> list[ModelFlavor]:
    """Return the flavors to try: those of the model's library, pickle, then cloudpickle, which may know anything."""
    absent = frozenset(name for name in _LIBRARIES if name not in sys.modules)
    flavors = sorted(_all_flavors(absent), key=lambda one: _LAST.get(one.name, 0))
    return [one for one in flavors if one.name == CloudpickleFlavor.name or one.matches(model)]


def _digest_of(data: bytes) -> Digest:
    from blake3 import blake3

    # Waking threads for less than a megabyte takes longer than the digest does (BLAKE3: 1 GB/s and more on one).
    threads = blake3.AUTO if len(data) > 1_000_000 else 1
    return Digest(blake3(data, max_threads=threads).hexdigest())


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.3g} MB"
