"""What is being made: the request that is edited, all that belongs to it, and its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.display.frame import Frame
from core.parameters import describe_change
from core.project import Project
from core.project.presets import describe_presets
from core.project.shelf import describe_shelf
from core.request import ModelInfo, RenderRequest
from core.timeline import request_at
from core.timeline.changes import describe_timeline
from core.timeline.editing import with_values
from core.timeline.evaluate import EnvelopeOf, silence
from core.timeline.keying import Edited, edited
from visualizer.session.making.history import History, Step
from visualizer.toolkit.pixels import reduced

PICTURE = 64  # pixels along an edge of the picture that a step keeps
TOLD = 4  # steps whose words are kept


class Document:
    """What the user is making. `edit` and `change` are the only ways to change it."""

    def __init__(self, request: RenderRequest) -> None:
        self._state = self.begun = Project(request)
        self.history = History(self._state)
        self.info: ModelInfo | None = None  # of the open network
        self.auto_key = False  # whether edits set keys by themselves
        self.envelope_of: EnvelopeOf = silence  # the sound that drives tracks
        self._loose: frozenset[str] = frozenset()
        self._loose_in: dict[int, tuple[Project, frozenset[str]]] = {}  # by the id of a state with any
        self._time_s = 0.0
        self._shown: tuple[tuple[object, ...], RenderRequest] | None = None  # of what, and it
        self._name = ""  # of the step in progress
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
        of = (state.request, state.timeline, self._time_s, self.info, self._loose, self.envelope_of)
        if self._shown is None or any(a is not b for a, b in zip(self._shown[0], of, strict=True)):
            self._shown = of, self.request_at(self._time_s, without=self._loose)
        return self._shown[1]

    def request_at(self, time_s: float, *, without: frozenset[str] = frozenset()) -> RenderRequest:
        """That of a time. without: paths of tracks that do not count."""
        state = self._state
        return request_at(
            state.timeline, state.request, time_s, self.info, without=without, envelope_of=self.envelope_of
        )  # fmt: skip

    @property
    def time_s(self) -> float:
        """Where the playhead is. Moving it is no step of the history."""
        return self._time_s

    def move_to(self, time_s: float) -> None:
        """Move the playhead. What was edited without a key is what the tracks say again."""
        if time_s != self._time_s:
            self._time_s, self._loose = time_s, frozenset()
            self._loose_in.clear()

    @property
    def loose(self) -> frozenset[str]:
        """Paths of tracks that have been edited here without a key: they show the edit until the playhead moves."""
        return self._loose

    def edit(self, request: RenderRequest | None = None, /, **changes: Any) -> None:
        """Replace the request that is shown, or fields of it: what moves gets keys or is loose, see
        `core.timeline.keying`. What is edited while a gesture lasts becomes one undo step."""
        state, shown = self._state, self.request
        wanted = replace(shown if request is None else request, **changes)
        if not (state.timeline.tracks or self.auto_key) or wanted.network != shown.network:
            self._state = replace(state, request=wanted)  # another network gets all that is shown
            return
        now = Edited(state.request, state.timeline, self._loose)
        new = edited(now, shown, wanted, self._time_s, auto_key=self.auto_key, info=self.info,
                     envelope_of=self.envelope_of)  # fmt: skip
        self._state, self._loose = replace(state, request=new.base, timeline=new.timeline), new.loose

    def set_keys(self, *paths: str) -> None:
        """Keys of what is shown at the playhead."""
        timeline = with_values(self._state.timeline, paths, self._time_s, self.request)
        self.change(timeline=timeline)

    def change(self, **fields: Any) -> None:
        """Replace fields of the state: the shelf, the timeline. A track that is edited shows what it says."""
        before = self._state
        self._state = replace(before, **fields)
        if self._loose and self._state.timeline is not before.timeline:
            kept = (path for path in self._loose if before.timeline.track(path) == self._state.timeline.track(path))
            self._loose = frozenset(kept)

    def amend(self, change: Callable[[Project], Project]) -> None:
        """Change all steps alike, by what has been found out and is no step of its own, such as a small picture."""
        made: dict[int, tuple[Project, Project]] = {}  # by the id of what it was made of

        def amended(state: Project) -> Project:
            if id(state) not in made:
                made[id(state)] = state, change(state)
            return made[id(state)][1]

        self._state, self.begun = amended(self._state), amended(self.begun)
        self.history.amend(amended)
        loose = ((amended(state), paths) for state, paths in self._loose_in.values())
        self._loose_in = {id(state): (state, paths) for state, paths in loose}

    def commit(self) -> None:
        """What has changed since the last call is one undo step."""
        before = self.history.step
        self.history.commit(self._state)
        if self._name and self.history.step is not before:
            self.history.step.words = self._name
        self._name = ""
        if self._loose:
            self._loose_in[id(self.history.current)] = self.history.current, self._loose

    def name_step(self, words: str) -> None:
        """What the step in progress is told as, where what differs says less."""
        self._name = words

    def picture_step(self, frame: Frame, shown: RenderRequest) -> None:
        """Keep the small picture of the step where the user stands, if that is what a frame shows."""
        history = self.history
        wanted = history.step.picture is None and frame.thumbnail.size
        if wanted and frame.request == shown and self._state == history.current:
            history.take_picture(reduced(frame.thumbnail, PICTURE))

    def travel(self, state: Project) -> None:
        """Go on with a step of the history. What was loose then is so again, unless the playhead has moved since."""
        self._state = state
        self._loose = self._loose_in.get(id(state), (state, frozenset[str]()))[1]

    def begin(self, state: Project) -> None:
        """Go on with something that has no history."""
        self._state = self.begun = state
        self.history, self._loose = History(state), frozenset()
        self._loose_in.clear()

    @property
    def undone(self) -> str:
        """The step that undo takes back, in words such as "Psi 0.70 → 0.55"; "": there is none."""
        if self._state != self.history.current:
            return self._name or self._told(self.history.current, self._state)
        return words_of(self.history.step)

    @property
    def redone(self) -> str:
        """The step that redo makes again."""
        after = self.history.step.after
        return words_of(after[-1]) if after else ""

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
    if before.request.network != after.request.network:
        return describe_change(before.request, after.request)
    moved = describe_timeline(before.timeline, after.timeline)
    shelved, preset = describe_shelf(before.shelf, after.shelf), describe_presets(before.presets, after.presets)
    return moved or shelved or preset or describe_change(before.request, after.request)


def words_of(step: Step) -> str:
    """What made a step of the one before it; "" for the oldest one. Found out once."""
    if step.words is None:
        step.words = describe_step(step.before.state, step.state) if step.before is not None else ""
    return step.words
