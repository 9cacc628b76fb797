"""The window ends within two seconds, with exit code 0, whatever it is doing."""

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
        assert end.good, f"attempt {attempt}: code {end.code} after {end.seconds:.2f} s: {end.errors}"
        videos = list((tmp_path / str(attempt) / "captures").glob("*.mp4"))
        assert len(videos) == (1 if state == "recording" else 0)
