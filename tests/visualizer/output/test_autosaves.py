"""What windows keep of what is done in them: when it is written, what becomes of the files, disks that are full."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.opening.session_files import read_session, write_session
from core.project import Autosaved, Project, SavedSession
from core.request import RenderRequest, SeedPoint
from tests.disk import no_larger_files
from visualizer.output.autosaves import files
from visualizer.output.autosaves.files import Fate, Slot, left_sessions, prune, was_seen
from visualizer.output.autosaves.keeper import Keeper, Snapshot

PATIENCE_S = 20.0
ROOT = Path(__file__).resolve().parents[3]


def snapshot(seed: int, *, file: str = "", unsaved: bool = True) -> Snapshot:
    project = Project(RenderRequest("seed:1", SeedPoint(float(seed))))
    return Snapshot(SavedSession(project, autosaved=Autosaved(file, unsaved, network="Clouds")), {})


def seed_in(path: Path) -> float:
    latent = read_session(path).session.project.request.latent
    assert isinstance(latent, SeedPoint)
    return latent.x


def wait_until(what) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def die(slot: Slot) -> None:
    """What the system does for a window that is killed."""
    slot._lock.close()


# ----------------------------------------------------------------------------
# Files.


def test_a_file_tells_what_became_of_its_window(tmp_path: Path):
    slots = {fate: Slot.new(tmp_path) for fate in Fate}
    for when_s, (fate, slot) in enumerate(slots.items(), 1):
        about = Autosaved(f"/home/me/{fate}.json", when_s=float(when_s), network="Clouds")
        write_session(slot.path, replace(snapshot(3).session, autosaved=about))
    die(slots[Fate.DIED])
    slots[Fate.ENDED].end(keep=True)
    found = left_sessions(tmp_path)
    assert [left.fate for left in found] == list(reversed(Fate))
    assert [left.name for left in found] == [str(fate) for fate in reversed(Fate)]
    assert found[0].about.network == "Clouds"
    assert Slot.of(slots[Fate.RUNS].path) is None
    was_seen(found[0])
    assert [left.fate for left in left_sessions(tmp_path)] == [Fate.ENDED, Fate.ENDED, Fate.RUNS]
    taken = Slot.of(slots[Fate.ENDED].path)
    assert taken is not None
    taken.end(keep=False)
    slots[Fate.RUNS].end(keep=False)
    assert [path.name for path in tmp_path.iterdir()] == [slots[Fate.DIED].path.name]


def test_only_old_files_of_ours_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MOST_ENDED", 2)
    now = time.time()

    def write(slot: Slot, age_s: float) -> Path:
        about = Autosaved(when_s=now - age_s)
        write_session(slot.path, replace(snapshot(1).session, autosaved=about))
        return slot.path

    ended = []
    for age_s in (0.0, 10.0, 20.0, 10 * files.MAX_AGE_S):
        slot = Slot.new(tmp_path)
        ended.append(write(slot, age_s))
        slot.end(keep=True)
    running, dead, empty = (Slot.new(tmp_path) for _ in range(3))
    kept = [write(running, 10 * files.MAX_AGE_S), write(dead, 10 * files.MAX_AGE_S)]
    die(dead)
    die(empty)  # before it had written anything
    strangers = [tmp_path / name for name in ("notes.json", "20260101-000000-abcdefgh.json", "20260101-000000-aa.txt")]
    for path in strangers:
        path.write_text("mine")
    link = tmp_path / "20200101-000000-01234567.json"
    link.symlink_to(strangers[0])
    prune(tmp_path)
    left = {path for path in tmp_path.iterdir() if not path.name.endswith(files.LOCK)}
    assert left == {*ended[:2], *kept, *strangers, link}
    assert not Path(f"{empty.path}{files.LOCK}").exists()
    running.end(keep=True)


def test_damaged_files_are_no_harm(tmp_path: Path):
    for number, content in enumerate((b"", b"\xff" * 100, b'{"autosaved": {', b'{"autosaved": {"when_s": "x"}}')):
        (tmp_path / f"20260101-000000-0000000{number}.json").write_bytes(content)
    os.mkfifo(tmp_path / "20260101-000000-00000009.json")
    assert [left.name for left in left_sessions(tmp_path)] == ["Untitled"] * 4
    prune(tmp_path)
    prune(tmp_path / "gone")
    assert left_sessions(tmp_path / "gone") == []


# ----------------------------------------------------------------------------
# When they are written.


def test_what_is_done_is_written_soon_and_not_all_the_time(tmp_path: Path):
    keeper = Keeper(tmp_path, interval_s=0.3)
    start = time.monotonic()
    for seed in range(1, 30):
        keeper.see(snapshot(seed))
    wait_until(lambda: left_sessions(tmp_path) and seed_in(left_sessions(tmp_path)[0].path) == 29)
    (left,) = left_sessions(tmp_path)
    written = left.path.stat().st_ino
    keeper.see(snapshot(30))
    wait_until(lambda: left.path.stat().st_ino != written)
    assert time.monotonic() - start >= 0.3
    assert (seed_in(left.path), left.fate) == (30, Fate.RUNS)
    keeper.see(snapshot(31))
    keeper.close()
    (left,) = left_sessions(tmp_path)
    assert (seed_in(left.path), left.fate) == (31, Fate.ENDED)


def test_what_is_not_saved_stays_when_another_session_begins(tmp_path: Path):
    keeper = Keeper(tmp_path, interval_s=60)
    keeper.see(snapshot(1))
    assert keeper.begin_another()
    keeper.see(snapshot(2, file="/home/me/a.json", unsaved=False))
    assert not keeper.begin_another()
    keeper.see(snapshot(3))
    keeper.close()
    assert sorted(seed_in(left.path) for left in left_sessions(tmp_path)) == [1, 3]
    assert {left.fate for left in left_sessions(tmp_path)} == {Fate.ENDED}


def test_a_window_goes_on_in_the_file_that_it_takes_over(tmp_path: Path):
    first = Keeper(tmp_path)
    first.see(snapshot(1))
    first.close()
    (left,) = left_sessions(tmp_path)
    second, third = Keeper(tmp_path), Keeper(tmp_path)
    second.begin_another(left.path)
    second.see(snapshot(2))
    wait_until(lambda: seed_in(left.path) == 2)
    third.begin_another(left.path)  # another window has it
    third.see(snapshot(3))
    third.close()
    second.close()
    assert sorted(seed_in(found.path) for found in left_sessions(tmp_path)) == [2, 3]


KILLED = """
import sys
from pathlib import Path
from tests.visualizer.output.test_autosaves import snapshot
from visualizer.output.autosaves.keeper import Keeper

keeper = Keeper(Path(sys.argv[1]), interval_s=0.05)
for seed in range(1, 10**9):
    keeper.see(snapshot(seed))
    print(seed, flush=True)
"""


def test_what_a_killed_window_did_is_whole_and_told_of(tmp_path: Path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        while not left_sessions(tmp_path) or int(process.stdout.readline()) < 100:
            pass
        process.kill()
        last = int(process.stdout.read().split()[-1])
    (left,) = left_sessions(tmp_path)
    assert left.fate is Fate.DIED
    assert 0 < seed_in(left.path) <= last + 1
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".lock", ".part"}


def test_a_full_disk_is_told_once_and_nothing_is_lost_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("visualizer.output.autosaves.keeper.RETRY_S", 0.01)
    woken = []
    keeper = Keeper(tmp_path, on_failure=lambda: woken.append(1), interval_s=0.01)
    notes = []
    with no_larger_files(10):
        for seed in range(5):
            keeper.see(snapshot(seed))
            wait_until(lambda: woken)
            notes.append(keeper.take_note())
    assert [note for note in notes if note] == notes[:1]
    assert "cannot be kept in" in notes[0]
    assert "save the session" in notes[0]
    wait_until(lambda: left_sessions(tmp_path) and left_sessions(tmp_path)[0].about.when_s)
    keeper.close()
    assert [seed_in(left.path) for left in left_sessions(tmp_path)] == [4]
