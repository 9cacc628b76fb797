"""Settings that are written soon after a change, off the window's thread."""

from __future__ import annotations

import threading

from visualizer.output.settings_keeper import SettingsKeeper
from visualizer.settings import Settings

WAIT_S = 30


class Disk:
    """Takes settings down; `note` is what it answers."""

    def __init__(self, note: str = "") -> None:
        self.note = note
        self.written: list[Settings] = []
        self.threads: list[threading.Thread] = []
        self.asked = threading.Semaphore(0)

    def save(self, settings: Settings) -> str:
        self.written.append(settings)
        self.threads.append(threading.current_thread())
        self.asked.release()
        return self.note


def test_a_change_is_written_without_the_end_of_the_program() -> None:
    disk = Disk()
    keeper = SettingsKeeper(Settings(), save=disk.save, settled_s=0.0)
    keeper.see(Settings())
    keeper.see(Settings(dock_width=400))
    assert disk.asked.acquire(timeout=WAIT_S)
    assert disk.written == [Settings(dock_width=400)]
    assert disk.threads[0] is not threading.current_thread()
    keeper.see(Settings(dock_width=400, vsync=True))
    assert disk.asked.acquire(timeout=WAIT_S)
    keeper.close(Settings(dock_width=400, vsync=True))
    assert disk.written[1:] == [Settings(dock_width=400, vsync=True)] * 2


def test_changes_that_follow_each_other_are_written_once() -> None:
    disk = Disk()
    keeper = SettingsKeeper(Settings(), save=disk.save, settled_s=WAIT_S)
    for width in range(300, 400):
        keeper.see(Settings(dock_width=width))
    keeper.close(Settings(dock_width=399))
    assert disk.written == [Settings(dock_width=399)]


def test_why_they_could_not_be_written_is_told_once() -> None:
    disk, told = Disk("the disk is full"), threading.Semaphore(0)
    keeper = SettingsKeeper(Settings(), save=disk.save, settled_s=0.0, on_failure=told.release)
    assert keeper.take_note() == ""
    for width in (400, 500):
        keeper.see(Settings(dock_width=width))
        assert told.acquire(timeout=WAIT_S)
        assert keeper.take_note() == ("the disk is full" if width == 400 else "")
    keeper.close(Settings())
