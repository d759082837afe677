"""celltrail: model lifecycle management inside the notebook."""

from __future__ import annotations
