"""PyTorch modules as pickles; which two are equal is said by their weights."""

from __future__ import annotations

from typing import Any

from celltrail.flavors.pickled import PickleFlavor


class TorchFlavor(PickleFlavor):
    """Modules of PyTorch; those with classes of the notebook are written by cloudpickle."""

    name = "torch"

    def matches(self, model: Any) -> bool:
        """Say whether it is a module; imports nothing."""
        return any(cls.__module__ == "torch.nn.modules.module" for cls in type(model).__mro__)

    def state(self, model: Any) -> Any:
        """Return what makes two modules equal: the names, types, shapes and values of their tensors."""
        import torch

        found = []
        for name, tensor in model.state_dict().items():
            if isinstance(tensor, torch.Tensor):
                flat = tensor.detach().cpu().contiguous().reshape(-1)
                found.append([name, str(tensor.dtype), list(tensor.shape), flat.view(torch.uint8).numpy()])
        return [type(model).__name__, found]
