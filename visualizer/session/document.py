"""The request that is being edited, and its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.parameters import describe_change
from core.request import RenderRequest
from visualizer.session.history import History

TOLD = 4  # steps whose words are kept


class Document:
    """What the user is making. `edit` is the only way to change the request."""

    def __init__(self, request: RenderRequest) -> None:
        self._request = request
        self.history = History(request)
        self._words: dict[tuple[int, int], tuple[RenderRequest, RenderRequest, str]] = {}  # of steps, by their ends

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
    def undone(self) -> str:
        """The step that undo takes back, in words such as "Psi 0.70 → 0.55"; "": there is none."""
        pending = self._request != self.history.current
        return self._told(self.history.current if pending else self.history.before, self._request)

    @property
    def redone(self) -> str:
        """The step that redo makes again."""
        return self._told(self.history.current, self.history.after)

    def _told(self, before: RenderRequest, after: RenderRequest) -> str:
        """Steps are told in every frame that shows them, and found out once."""
        key = (id(before), id(after))
        if key not in self._words:
            self._words = dict([*self._words.items(), (key, (before, after, describe_change(before, after)))][-TOLD:])
        return self._words[key][2]

    @property
    def can_undo(self) -> bool:
        return self.history.can_undo or self._request != self.history.current

    @property
    def can_redo(self) -> bool:
        return self.history.can_redo
