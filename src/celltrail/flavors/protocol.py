"""The seams to a machine-learning library: a Probe sees its calls, a Describer says what they were, a ModelFlavor
keeps its models.

None of them knows who listens: the sink is handed in. So this floor never imports `capture`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from celltrail.domain.record import DatasetRecord
    from celltrail.flavors.descriptions import FitDescription, FitOutcome, MetricFacts


CallKind = Literal["fit", "predict", "score", "metric", "cross-validation", "data"]


@dataclass(slots=True, eq=False)
class Call:
    """One call of the library that is being recorded, from just before it starts until it ends.

    Attributes
    ----------
    kind : str
        What was called: fit, predict, score, metric, cross-validation; data for the constructor of a library's own
        container (`DMatrix`). A search is a `fit` whose estimator is a search; the describer tells.
    library : str
        Import name of the library whose call it is: "sklearn".
    function : str
        Name as the field knows it: "fit", "accuracy_score", "cross_val_score".
    owner : object or None
        The estimator, for methods.
    arguments : mapping
        The arguments by parameter name, in the order of the signature, as given (defaults left out).
    frame : frame or None
        The caller's frame, for the source text of the call. Dropped when the call ends.
    curves : callable or None
        Returns the training curves so far, while the call is open and after; on any thread. Set by a probe that
        can follow the training.
    began_s : float or None
        By `time.perf_counter`, when the library itself began, where another tool stands between the user and it.
    returned : callable or None
        Given the result, or None and what was raised: the library itself has returned, and what happens from here
        until the call ends is of the tool between. Set by the sink.
    """

    kind: CallKind
    library: str
    function: str
    owner: Any
    arguments: Mapping[str, Any]
    frame: FrameType | None
    notes: dict[str, Any] = field(default_factory=dict)  # whatever the listener wants to remember
    curves: Callable[[], dict[str, list[float]]] | None = None
    began_s: float | None = None
    returned: Callable[[Any, BaseException | None], None] | None = None


class Sink(Protocol):
    """Who listens. No method ever raises; none touches an argument's value."""

    def open(
        self,
        kind: CallKind,
        library: str,
        function: str,
        owner: Any,
        bind: Callable[[], Mapping[str, Any]],
        frame: FrameType | None,
    ) -> Call | None:
        """Return the call to record, or None where it belongs to a call that is open already.

        Parameters
        ----------
        kind, library, function : str
            What is called, as in `Call`.
        owner : object or None
            The estimator, for methods.
        bind : callable
            Gives the arguments by name; it is called only for calls that are recorded.
        frame : frame or None
            The caller's.

        Returns
        -------
        Call or None
            What `close` is to be given.
        """
        ...

    def close(self, call: Call, result: Any, error: BaseException | None) -> None:
        """Take note that the call ended."""
        ...

    def running(self) -> Call | None:
        """Return the call that is open on this thread, if one is recorded."""
        ...


@runtime_checkable
class LinkingSink(Sink, Protocol):
    """A sink that also takes note of what other tools say of the cell that runs."""

    def link(self, key: str, value: str) -> None:
        """Add a value to what the running cell's run is linked to under a key: `mlflow.run_id`. Never raises."""
        ...


class Probe(Protocol):
    """How one library's calls are seen."""

    name: str
    module: str  # the import that arms it: "sklearn"

    def arm(self, sink: Sink) -> Callable[[], None]:
        """Begin to see calls; return what puts every wrapped thing back as it was."""
        ...


class Describer(Protocol):
    """What one library's calls were. Registered under the library's import name; changes and imports nothing."""

    name: str

    def describe(self, call: Call) -> FitDescription:
        """Describe a training call, or a cross-validation, that is about to start."""
        ...

    def outcome(self, call: Call, result: Any) -> FitOutcome:
        """Say what a training call made. The call is still open: nothing that is called here is an event."""
        ...

    def metrics(self, call: Call, result: Any) -> list[MetricFacts]:
        """Return what a metric, a score, a cross-validation or the fit of a search measured."""
        ...

    def data(self, value: Any) -> DatasetRecord | None:
        """Return kind, rows and columns of the library's own container of data; None where it is none."""
        ...


class ModelFlavor(Protocol):
    """How one library's models are recognised, saved and loaded."""

    # May also have `telling`, where it keeps a dict: the keys of what tells one model from another.

    name: str

    def matches(self, model: Any) -> bool:
        """Say whether this flavor knows the model; imports nothing."""
        ...

    def save(self, model: Any, target: BinaryIO) -> None:
        """Write the model. Raises what the target raises when the budget is used up."""
        ...

    def load(self, source: BinaryIO) -> Any:
        """Read a model that is trusted."""
        ...
