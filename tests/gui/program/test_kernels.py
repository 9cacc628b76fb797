"""The native kernels in the window: had in the background, and told why not."""

from __future__ import annotations

import numpy as np
import pytest

from ops.base.cache_folder import CACHE_VARIABLE
from ops.native import build
from ops.native.state import LIBRARY, Library, Phase, State


@pytest.fixture
def asked_for(monkeypatch) -> None:
    monkeypatch.delenv(build.OFF_VARIABLE)


def test_without_a_compiler_the_picture_is_there_and_the_reason_is_told(launch, tmp_path, monkeypatch, asked_for):
    library = Library()
    ours = ("ops.report", "ops.native.build", "ops.native.native_backend", "ops.native.winograd")
    for module in (*ours, "visualizer.panels.performance"):
        monkeypatch.setattr(f"{module}.LIBRARY", library)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("CXX", str(tmp_path / "no-compiler"))
    pilot = launch(size=(1280, 1400))
    pilot.wait_until(lambda: library.state.phase is Phase.FAILED)
    pilot.step(2)
    assert pilot.session.problem is None
    assert pilot.session.frame is not None
    assert "no-compiler" in library.state.reason
    pilot.show("Performance/Header")
    if "Performance/Kernels" not in pilot.ui.items:
        pilot.click("Performance/Header")
        pilot.step(2)
    assert "Performance/Kernels" in pilot.ui.items


def test_kernels_in_the_cache_take_over_and_the_picture_stays(
    launch, library_cache, built_library, monkeypatch, asked_for
):
    if built_library.phase is not Phase.READY:
        pytest.skip(built_library.reason)
    monkeypatch.setattr(LIBRARY, "state", State(Phase.REJECTED, "not yet"))
    pilot = launch()
    before = pilot.wait_for_picture().pixels
    monkeypatch.setattr(LIBRARY, "state", built_library)
    pilot.session.random_seed()
    pilot.wait_for_picture()
    pilot.press("Ctrl+Z")
    after = pilot.wait_for_picture().pixels
    assert np.abs(after.astype(int) - before).max() <= 1
