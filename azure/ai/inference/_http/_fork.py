"""Connections after a fork: the child drops the connections that it inherited, and the parent keeps them.

If parent and child used the same socket, each would get answers to requests of the other. The child must not shut the
socket down or end its TLS session either, because that would end the connection of the parent. It only replaces its
own file descriptors.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol


class ConnectionHolder(Protocol):
    """A transport whose connections a forked child drops."""

    def descriptors(self) -> Iterator[int]:
        """The file descriptors of the connections; negative numbers for closed ones."""

    def forget_connections(self) -> Any:
        """Stop using the connections, without closing them. Returns what holds them."""


_holders: weakref.WeakSet[Any] = weakref.WeakSet()
_inherited: list[Any] = []
"""What held the connections. It is never freed: its finalizers take locks that a thread of the parent may have held."""


def drop_after_fork(holder: ConnectionHolder) -> None:
    """Drop the connections of a transport in every child that is forked from now on."""
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
