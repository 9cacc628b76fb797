"""The request that is being edited, and its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.request import RenderRequest
from visualizer.session.history import History


class Document:
    """What the user is making. `edit` is the only way to change the request."""

    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self.history = History(request)

    @property
    def request(self) -> RenderRequest:
        return self._request

    def edit(self, request: RenderRequest | None = None, /, **changes: Any) -> None:
        """Replace the request, or fields of it. What is edited while a gesture lasts becomes one undo step."""
        self._request = replace(self._request if request is None else request, **changes)

    def commit(self) -> None:
        """What has changed since the last call is one undo step."""
        self.history.commit(self._request)

    def begin(self, request: RenderRequest) -> None:
        """Go on with a request that has no history."""
        self._request, self.history = request, History(request)

    @property
    def can_undo(self) -> bool:
        return self.history.can_undo or self._request != self.history.current

    @property
    def can_redo(self) -> bool:
        return self.history.can_redo
