"""What one `%load_ext celltrail` put in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celltrail.capture.kernel import Kernel
    from celltrail.capture.recorder import Recorder
    from celltrail.magics.events import Witness


@dataclass(slots=True)
class Loaded:
    """The parts, and what takes each of them away again, last first."""

    shell: Any
    kernel: Kernel
    recorder: Recorder
    witness: Witness
    undo: list[Callable[[], None]] = field(default_factory=list)
