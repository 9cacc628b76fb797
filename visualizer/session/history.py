"""Undo and redo over the requests of a session."""

from __future__ import annotations

from core.request import RenderRequest

MAX_STEPS = 1000


class History:
    """The settled requests in order, and where the user stands among them."""

    def __init__(self, first: RenderRequest) -> None:
        self._steps = [first]
        self._at = 0

    @property
    def current(self) -> RenderRequest:
        return self._steps[self._at]

    @property
    def position(self) -> int:
        return self._at

    def go(self, position: int) -> None:
        """Back to where `position` was, if nothing has been committed since."""
        self._at = position

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at < len(self._steps) - 1

    @property
    def before(self) -> RenderRequest:
        """The step before the current one; without one, the current one."""
        return self._steps[max(0, self._at - 1)]

    @property
    def after(self) -> RenderRequest:
        """The step after the current one; without one, the current one."""
        return self._steps[min(len(self._steps) - 1, self._at + 1)]

    def commit(self, request: RenderRequest) -> None:
        """Make a request the newest step, if it differs from the current one; what was undone is forgotten."""
        if request == self.current:
            return
        self._steps = [*self._steps[: self._at + 1], request][-MAX_STEPS:]
        self._at = len(self._steps) - 1

    def undo(self) -> RenderRequest:
        self._at = max(0, self._at - 1)
        return self.current

    def redo(self) -> RenderRequest:
        self._at = min(len(self._steps) - 1, self._at + 1)
        return self.current
