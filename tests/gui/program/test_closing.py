"""The window ends within two seconds of an idle machine, with exit code 0, whatever it is doing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gui.program.closing import STATES, WAYS, stop_while

TIMES = 1  # more by python -m tests.gui.program.closing


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", WAYS)
def test_the_program_ends_quickly_and_well_when_stopped(way: str, state: str, tmp_path: Path) -> None:
    for attempt in range(TIMES):
        end = stop_while(state, way, tmp_path / str(attempt))
        took = f"{end.seconds:.2f} s, {end.slowdown:.1f} times as slow as alone"
        assert end.good, f"attempt {attempt}: code {end.code} after {took}: {end.errors}"
        videos = list((tmp_path / str(attempt) / "captures").glob("*.mp4"))
        assert len(videos) == (1 if state == "recording" else 0)
