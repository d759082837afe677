"""Locks that a forked child finds open: the thread that held one when it was born does not exist there."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

_renewed: list[tuple[weakref.ref[Any], str, Callable[[], Any]]] = []


def renew_in_child(owner: object, name: str, make: Callable[[], Any] = threading.RLock) -> None:
    """Give an owner a new lock in every child that is forked from here on.

    A thread that holds the lock when it forks lets go of the old one in the child too: `with` keeps hold of it.

    Parameters
    ----------
    owner : object
        A module, or an object of ours: nothing here keeps it alive.
    name : str
        The attribute that holds the lock.
    make : callable, optional
        Makes a lock of the same kind.
    """
    _renewed.append((weakref.ref(owner), name, make))


def _renew() -> None:
    kept = []
    for reference, name, make in _renewed:
        owner = reference()
        if owner is not None:
            setattr(owner, name, make())
            kept.append((reference, name, make))
    _renewed[:] = kept


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
