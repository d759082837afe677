"""The header of a tracked cell: `%%track forest --tag owner=me` or `# celltrail: forest --tag owner=me`.

One grammar for both: `[NAME] [--tag K=V]… [--note TEXT] [--seed N] [--main METRIC] [--no-model] [--no-panel]
[--panel]`. Pure: text in, options out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """What a header asks for."""

    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    seed: int | None = None
    main: str | None = None
    keeps_model: bool = True
    panel: bool | None = None  # None: panel under %%track, line under the comment
    is_magic: bool = False
