"""Connections after a fork: the child drops the connections that it inherited, and the parent keeps them.

If parent and child used the same socket, each would get answers to requests of the other. The child must not shut the
socket down or end its TLS session either, because that would end the connection of the parent. It only replaces its
own file descriptors.
"""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import Any

_holders: weakref.WeakSet[Any] = weakref.WeakSet()
_inherited: list[Any] = []
"""What held the connections. It is never freed: its finalizers take locks that a thread of the parent may have held."""


def drop_after_fork(holder: Any) -> None:
    """Drop the connections of a transport in every child that is forked from now on.

    :param holder: The transport. Its `descriptors()` are the file descriptors of its connections, with negative numbers
        for closed ones. `forget_connections()` stops using them without closing them, and returns what holds them.
    """
    _holders.add(holder)


def _drop_connections() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for holder in list(_holders):
        for descriptor in list(holder.descriptors()):
            with suppress(OSError):  # it is closed
                # The number stays in use. If it were free, the inherited socket object could later close another file.
                os.dup2(nothing, descriptor)
        _inherited.append(holder.forget_connections())
    os.close(nothing)


_register: Any = getattr(os, "register_at_fork", dict)  # Windows has no fork
_register(after_in_child=_drop_connections)
