"""What is made: edits where things move, keys, undo over all of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.documents.project_json import Texts
from core.documents.session_json import from_text, to_text
from core.project import Part, Preset, Project, SavedSession
from core.project.shelf import moved, new_kept, renamed, starred, tagged, with_kept, without
from core.request import LayerEdit, Mixture, Noise, NoiseMode, RenderRequest, SeedPoint, StyleSource, Truncation
from core.timeline import Between, Key, Timeline, Track, request_at
from core.timeline.editing import with_key, without_track
from tests.core.timeline.strategies import INFO, PATHS, tracks
from visualizer.session.making.document import Document
from visualizer.session.making.history import Step

PSI = "truncation.psi"


@pytest.fixture
def document() -> Document:
    """In which psi moves from 0 to 1."""
    made = Document(RenderRequest())
    made.info = INFO
    made.change(timeline=Timeline((Track(PSI, (Key(0.0, 0.0, Between.LINEAR), Key(4.0, 1.0))),)))
    made.commit()
    made.move_to(2.0)
    return made


def psi(document: Document, value: float) -> None:
    document.edit(truncation=replace(document.request.truncation, psi=value))
    document.commit()


def test_with_auto_key_an_edit_is_a_key_at_the_playhead(document):
    document.auto_key = True
    psi(document, 0.9)
    assert document.undone == "Key of Psi at 2 s"
    document.move_to(1.0)
    assert document.request.truncation.psi == pytest.approx(0.45)
    document.edit(latent=SeedPoint(7.0))
    document.move_to(3.0)
    document.edit(latent=SeedPoint(9.0))
    document.move_to(2.0)
    assert isinstance(document.request.latent, Mixture)
    assert document.state.request == RenderRequest()  # the base stays


def test_without_it_an_edit_of_what_moves_holds_until_the_playhead_moves(document):
    psi(document, 0.9)
    assert (document.request.truncation.psi, document.loose) == (0.9, {PSI})
    assert document.undone == "Psi 1.00 → 0.90"
    document.edit(noise=Noise(NoiseMode.NONE))
    assert document.request.truncation.psi == 0.9
    document.move_to(2.0)
    assert document.loose == {PSI}  # it has not moved
    document.move_to(1.0)
    assert (document.request.truncation.psi, document.loose) == (0.25, frozenset())
    assert document.request.noise.mode is NoiseMode.NONE


def test_what_is_loose_can_be_kept_as_a_key(document):
    psi(document, 0.9)
    document.set_keys(PSI, "latent")
    assert document.loose == frozenset()
    document.move_to(3.0)
    document.move_to(2.0)
    assert document.request.truncation.psi == 0.9
    assert document.state.timeline.track("latent") is not None


def test_undo_gives_back_what_was_loose(document):
    psi(document, 0.9)
    psi(document, 0.8)
    document.travel(document.history.undo())
    assert (document.request.truncation.psi, document.loose) == (0.9, {PSI})
    document.travel(document.history.undo())
    assert (document.request.truncation.psi, document.loose) == (0.5, frozenset())
    document.travel(document.history.redo())
    assert (document.request.truncation.psi, document.loose) == (0.9, {PSI})
    document.move_to(4.0)
    document.travel(document.history.redo())
    assert (document.request.truncation.psi, document.loose) == (1.0, frozenset())


def test_without_a_timeline_and_auto_key_the_base_is_edited():
    document = Document(RenderRequest())
    psi(document, 0.4)
    assert document.state == Project(RenderRequest(truncation=Truncation(0.4)))
    assert document.undone == "Psi 1.00 → 0.40"


def test_another_network_gets_all_that_is_shown_and_no_keys(document):
    document.auto_key = True
    document.edit(network="seed:1", latent=SeedPoint(3.0))
    assert document.state.timeline.tracks[0].path == PSI
    assert len(document.state.timeline.tracks) == 1
    assert document.state.request == RenderRequest("seed:1", SeedPoint(3.0), truncation=Truncation(0.5))


def test_sound_that_drives_a_track_is_seen_at_once(document):
    from core.timeline import Drive
    from core.timeline.editing import changed_track

    document.change(timeline=changed_track(document.state.timeline, PSI, drive=Drive(amount=1.0)))
    assert document.request.truncation.psi == 0.5
    document.envelope_of = lambda drive: lambda time_s: 0.25
    assert document.request.truncation.psi == 0.75
    assert document.request_at(0.0).truncation.psi == 0.25


# ----------------------------------------------------------------------------
# Whatever is done.


@dataclass
class Seen:
    """A step as it was when it was made."""

    state: Project
    request: RenderRequest
    time_s: float
    moves: int = field(default=0)  # how often the playhead had moved


requests = st.fixed_dictionaries({}, optional={
    "truncation": st.builds(Truncation, st.floats(-1, 2, allow_subnormal=False), st.none() | st.integers(0, 7)),
    "noise": st.builds(Noise, st.sampled_from(NoiseMode), st.integers(0, 3), st.floats(0, 4, allow_subnormal=False)),
    "latent": st.builds(SeedPoint, st.integers(0, 5).map(float), st.integers(0, 2).map(float)),
    "layers": st.lists(st.builds(LayerEdit, noise=st.floats(0, 4, allow_subnormal=False)), max_size=4).map(
        lambda layers: tuple(layers) if layers and layers[-1] != LayerEdit() else ()),
    "sources": st.lists(st.builds(StyleSource, fraction=st.floats(0, 1, allow_subnormal=False)), max_size=2).map(tuple),
})  # fmt: skip


names = st.sampled_from(("", "calm", "Grüße 你好", 'a "b" \\'))


class Making(RuleBasedStateMachine):
    """Edits, keys, the shelf, presets, undos, branches, saves and loads in any order end where they should."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(RenderRequest())
        self.document.info = INFO
        self.moves = 0
        self.seen: dict[Step, Seen] = {}
        self.texts = Texts()
        self.files: list[tuple[str, SavedSession]] = []
        self._see()

    def _see(self) -> None:
        document, step = self.document, self.document.history.step
        if step not in self.seen:
            self.seen[step] = Seen(document.state, document.request, document.time_s, self.moves)

    @rule(fields=requests)
    def edit(self, fields):
        wanted = replace(self.document.request, **fields)
        self.document.edit(**fields)
        assert self.document.request == wanted

    @rule(fields=requests)
    def edit_and_let_go(self, fields):
        self.edit(fields)
        self.commit()

    @rule()
    def commit(self):
        self.document.commit()
        self._see()

    @rule(time_s=st.sampled_from((0.0, 1.0, 2.5, 4.0)))
    def move(self, time_s):
        self.moves += time_s != self.document.time_s
        self.document.move_to(time_s)

    @rule()
    def switch_auto_key(self):
        self.document.auto_key = not self.document.auto_key

    @rule(track=st.sampled_from(PATHS).flatmap(tracks))
    def set_keys(self, track):
        timeline = self.document.state.timeline
        for key in track.keys:
            timeline = with_key(timeline, track.path, key)
        self.document.change(timeline=timeline)
        self.commit()

    @rule(path=st.sampled_from(("request", "latent", "latent.x", "sources[0].fraction")))
    def key_what_is_shown(self, path):
        self.document.set_keys(path)
        self.commit()

    @rule(path=st.sampled_from((*PATHS, "request", "latent", "latent.x")))
    def remove_a_track(self, path):
        self.document.change(timeline=without_track(self.document.state.timeline, path))
        self.commit()

    @rule(name=names)
    def keep_what_is_shown(self, name):
        document = self.document
        document.change(shelf=with_kept(document.state.shelf, new_kept(document.request, name=name, picture=b"\x89")))
        self.commit()

    @precondition(lambda self: self.document.state.shelf)
    @rule(data=st.data(), name=names, place=st.integers(0, 5))
    def tidy_the_shelf(self, data, name, place):
        shelf = self.document.state.shelf
        one = data.draw(st.sampled_from(shelf)).id
        change = data.draw(st.sampled_from((
            lambda: renamed(shelf, one, name), lambda: starred(shelf, {one}, place > 2),
            lambda: tagged(shelf, {one}, [name]), lambda: moved(shelf, {one}, min(place, len(shelf))),
            lambda: without(shelf, {one}),
        )))  # fmt: skip
        self.document.change(shelf=change())
        self.commit()

    @rule(name=names, strength=st.floats(0, 4, allow_subnormal=False))
    def save_a_preset(self, name, strength):
        others = (one for one in self.document.state.presets if one.name != name)
        self.document.change(presets=(*others, Preset(name, (Part("noise.strength", strength),))))
        self.commit()

    @precondition(lambda self: self.document.state.presets)
    @rule()
    def remove_a_preset(self):
        self.document.change(presets=self.document.state.presets[1:])
        self.commit()

    @rule()
    def save(self):
        """At any moment, also in the middle of an edit."""
        session = SavedSession(self.document.state, time_s=self.document.time_s)
        text = to_text(session, texts=self.texts)
        assert text == to_text(session)  # whatever of it was made before
        self.files.append((text, session))

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def load(self, data):
        text, session = data.draw(st.sampled_from(self.files))
        found = from_text(text, "the session it.json")
        assert (found.session, found.rest, found.notes) == (session, {}, ())
        document = self.document
        document.begin(found.session.project)
        document.move_to(found.session.time_s)
        assert document.state == session.project
        assert not any((document.can_undo, document.can_redo, document.loose))
        self.moves, self.seen = self.moves + 1, {}
        self._see()

    @rule()
    def undo(self):
        self.commit()
        before = self.document.history.step.before
        self.document.travel(self.document.history.undo())
        self._is_as_it_was(before or self.document.history.step)

    @rule()
    def redo(self):
        self.commit()
        self.document.travel(self.document.history.redo())
        self._is_as_it_was(self.document.history.step)

    @precondition(lambda self: len(self.seen) > 1)
    @rule(data=st.data())
    def go_to_any_step(self, data):
        self.commit()
        step = data.draw(st.sampled_from(list(self.seen)))
        self.document.travel(self.document.history.go(step))
        self._is_as_it_was(step)

    def _is_as_it_was(self, step: Step) -> None:
        seen, document = self.seen[step], self.document
        assert document.history.step is step
        assert document.state == seen.state
        if seen.moves == self.moves:
            assert document.request == seen.request

    @invariant()
    def what_is_shown_is_what_the_timeline_says_but_for_what_is_loose(self):
        document, state = self.document, self.document.state
        said = request_at(state.timeline, state.request, document.time_s, INFO, without=document.loose)
        assert document.request == said
        assert document.loose <= {track.path for track in state.timeline.tracks}


TestMaking = Making.TestCase
TestMaking.settings = settings(max_examples=60, stateful_step_count=24, deadline=None)
