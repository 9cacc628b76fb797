"""What is being made: the request that is edited, all that belongs to it, and its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.parameters import describe_change
from core.project import Project
from core.request import ModelInfo, RenderRequest
from core.timeline import request_at
from visualizer.session.making.history import History

TOLD = 4  # steps whose words are kept


class Document:
    """What the user is making. `edit` and `change` are the only ways to change it."""

    def __init__(self, request: RenderRequest) -> None:
        self._state = Project(request)
        self.history = History(self._state)
        self.info: ModelInfo | None = None  # of the open network
        self._time_s = 0.0
        self.auto_key = False
        self._shown: tuple[tuple[object, ...], RenderRequest] | None = None  # of what, and it
        self._words: dict[tuple[int, int], tuple[Project, Project, str]] = {}  # of steps, by their ends

    @property
    def state(self) -> Project:
        """All of it. What moves has in its request the value that it was edited to last."""
        return self._state

    @property
    def request(self) -> RenderRequest:
        """That of the picture: at the playhead, where the timeline moves anything."""
        state = self._state
        if not state.timeline.tracks:
            return state.request
        of = (state.request, state.timeline, self._time_s, self.info)
        if self._shown is None or any(a is not b for a, b in zip(self._shown[0], of, strict=True)):
            self._shown = of, request_at(state.timeline, state.request, self._time_s, self.info)
        return self._shown[1]

    @property
    def time_s(self) -> float:
        """Where the playhead is. Moving it is no step of the history."""
        return self._time_s

    def move_to(self, time_s: float) -> None:
        """Move the playhead."""
        self._time_s = time_s

    def edit(self, request: RenderRequest | None = None, /, **changes: Any) -> None:
        """Replace the request, or fields of it. What is edited while a gesture lasts becomes one undo step."""
        self.change(request=replace(self.request if request is None else request, **changes))

    def change(self, **fields: Any) -> None:
        """Replace fields of the state: the shelf, the timeline."""
        self._state = replace(self._state, **fields)

    def commit(self) -> None:
        """What has changed since the last call is one undo step."""
        self.history.commit(self._state)

    def travel(self, state: Project) -> None:
        """Go on with a step of the history."""
        self._state = state

    def begin(self, state: Project) -> None:
        """Go on with something that has no history."""
        self._state, self.history = state, History(state)

    @property
    def undone(self) -> str:
        """The step that undo takes back, in words such as "Psi 0.70 → 0.55"; "": there is none."""
        pending = self._state != self.history.current
        return self._told(self.history.current if pending else self.history.before, self._state)

    @property
    def redone(self) -> str:
        """The step that redo makes again."""
        return self._told(self.history.current, self.history.after)

    def _told(self, before: Project, after: Project) -> str:
        """Steps are told in every frame that shows them, and found out once."""
        key = (id(before), id(after))
        if key not in self._words:
            self._words = dict([*self._words.items(), (key, (before, after, describe_step(before, after)))][-TOLD:])
        return self._words[key][2]

    @property
    def can_undo(self) -> bool:
        return self.history.can_undo or self._state != self.history.current

    @property
    def can_redo(self) -> bool:
        return self.history.can_redo


def describe_step(before: Project, after: Project) -> str:
    """One step in a few words; "" if nothing differs."""
    return describe_change(before.request, after.request)
