"""The choice of the backend that a test runs on."""

from __future__ import annotations

import pytest

from ops.native.build import OFF_VARIABLE
from ops.native.state import LIBRARY, Phase, State


@pytest.fixture(autouse=True)
def wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels are not turned off, as they are for the other tests."""
    monkeypatch.delenv(OFF_VARIABLE, raising=False)


@pytest.fixture
def native(built_library: State, monkeypatch: pytest.MonkeyPatch) -> State:
    """The native backend runs."""
    if built_library.phase is Phase.FAILED and "compiler" in built_library.reason:
        pytest.skip(built_library.reason)
    assert built_library.phase is Phase.READY, built_library.reason
    monkeypatch.setattr(LIBRARY, "state", built_library)
    return built_library


@pytest.fixture
def no_native(monkeypatch: pytest.MonkeyPatch) -> None:
    """The native backend does not run."""
    monkeypatch.setattr(LIBRARY, "state", State(Phase.OFF, "turned off by a test"))


@pytest.fixture(params=["native", "torch"])
def backend(request: pytest.FixtureRequest) -> str:
    """The backend that runs what it can; the name of it."""
    request.getfixturevalue("native" if request.param == "native" else "no_native")
    return str(request.param)
