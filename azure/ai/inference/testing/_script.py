"""The script of a service: which reply a request gets, and what is wrong if there is none. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from ._replies import Answer, Reply
from ._requests import SentRequest


class ScriptError(AssertionError):
    """The requests of a program do not fit the script of the test. No client retries or wraps it."""


@dataclass
class Line:
    """A reply in a script, and how often it is used."""

    text: str
    """The line as the test has it."""
    reply: Reply
    when: Callable[[SentRequest], bool] | None
    left: int | None
    """How often the reply may still be used; None if there is no limit."""
    is_used: bool = False

    def use(self) -> Reply:
        """Count one use."""
        self.is_used = True
        if self.left is not None:
            self.left -= 1
        return self.reply

    @property
    def is_unread(self) -> bool:
        """Whether the test expects more requests."""
        return bool(self.left) if self.left is not None else not self.is_used


class Script:
    """The replies of a service, in order or by rules, and the requests that came.

    A rule replies to each request that it is true for; the other replies are used one after another.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.requests: list[SentRequest] = []
        self._failures: list[str] = []
        self._lock = Lock()

    def answer(self, request: SentRequest) -> Answer:
        """Record a request, and return what is sent for it.

        :raises ScriptError: No reply is scripted for the request, or the next one is for another kind of call.
        :raises azure.core.exceptions.AzureError: The reply is that no response arrives.
        """
        with self._lock:
            self.requests.append(request)
            reply = self._choose(request)
        return reply.answer(request)

    def _choose(self, request: SentRequest) -> Reply:
        for line in self.lines:
            if line.when is not None and line.left != 0 and line.reply.matches(request) and line.when(request):
                return line.use()
        waiting = self._waiting()
        if not waiting:
            raise self._failure(f"No reply is scripted for this request:\n{_shown(request)}\n{self._state()}")
        line = waiting[0]
        if not line.reply.matches(request):
            after = _listed(waiting[1:])
            raise self._failure(
                f"The next reply of the script is not for this request:\n{_shown(request)}\n"
                f"The next reply is {line.text}, which is for {line.reply.fits}.{after and f' After it: {after}.'}"
            )
        return line.use()

    def _rules(self) -> list[Line]:
        return [line for line in self.lines if line.when is not None]

    def _waiting(self) -> list[Line]:
        return [line for line in self.lines if line.when is None and line.is_unread]

    def _state(self) -> str:
        rules = _listed(self._rules())
        queued = _listed([line for line in self.lines if line.when is None])
        used = f"All other replies have been used: {queued}." if queued else ""
        state = f"No rule is true for it: {rules}. {used}" if rules else used
        return state.strip() or "The script is empty."

    def _failure(self, message: str) -> ScriptError:
        self._failures.append(message)
        return ScriptError(message)

    def check(self) -> None:
        """Check at the end of a test that the script was followed.

        :raises ScriptError: A request had no reply, though the program may have caught the exception, or a reply was
            not used.
        """
        problems = list(self._failures)
        unread = [line for line in self.lines if line.is_unread]
        if unread:
            came = "\n".join(map(_shown, self.requests)) or "  none"
            problems.append(
                f"These replies of the script were not used: {_listed(unread)}.\nThe requests were:\n{came}"
            )
        if problems:
            raise ScriptError("\n\n".join(problems))


def _shown(request: SentRequest) -> str:
    return f"  {request}"


def _listed(lines: list[Line]) -> str:
    return ", ".join(line.text for line in lines)
