"""The native library for these tests, built once, and the choice of the backend that a test runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import build
from ops.cache import CACHE_VARIABLE
from ops.state import LIBRARY, Phase, State


@pytest.fixture(scope="session")
def library_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the library that is built for these tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def built_library(library_cache: Path) -> State:
    """The state after a build. The library is in use only where a test asks for `native`."""
    before = LIBRARY.state
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(library_cache))
        state = build.run()
    LIBRARY.state = before
    return state


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
