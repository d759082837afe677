"""PyTorch modules as pickles, and how their tensors stand in these."""

from __future__ import annotations

from typing import Any

from celltrail.flavors.pickled import PickleFlavor

STORAGES_ARE_MADE_BY = "torch.storage._load_from_bytes"


class TorchFlavor(PickleFlavor):
    """Modules of PyTorch; those with classes of the notebook are written by cloudpickle."""

    name = "torch"

    def matches(self, model: Any) -> bool:
        """Say whether it is a module; imports nothing."""
        return any(cls.__module__ == "torch.nn.modules.module" for cls in type(model).__mro__)


def storage_in(content: Any) -> tuple[Any, bytes] | None:
    """Return what the storage of a tensor holds, without the address by which a session knows it.

    Parameters
    ----------
    content : object
        What `STORAGES_ARE_MADE_BY` is called with: bytes in PyTorch's older format, which are five pickles (a number,
        a version, the system, the storage, its keys) and then its values.

    Returns
    -------
    tuple or None
        The storage as a term, and its values. None where these are no such bytes.
    """
    import pickletools

    from celltrail.flavors.pickle_terms import read_terms

    if not isinstance(content, bytes):
        return None
    rest, found = content, []
    try:
        for _ in range(5):
            end = next(place for opcode, _, place in pickletools.genops(rest) if opcode.name == "STOP")
            found.append(read_terms(rest[: (end or 0) + 1]))
            rest = rest[(end or 0) + 1 :]
        kind, cls, _key, device, *size = found[3].parts[0]
    except (ValueError, TypeError, AttributeError, StopIteration):
        return None
    return (kind, cls, device, *size), rest
