"""Fixtures for all tests: settings of their own, and the displays."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

import resources
from core.base.process import QUIET_WAITING
from ops.base.cache_folder import CACHE_VARIABLE
from ops.native import build
from ops.native.state import LIBRARY, State
from tests import system
from tests.web_server import Server, serving

# No deadline and no example database: the same examples every time, however busy the machine is.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("repeatable")


def pytest_configure() -> None:
    # PyOpenGL chooses its platform when it is imported, which a test module may do before any fixture runs.
    if sys.platform == "linux":
        os.environ["PYOPENGL_PLATFORM"] = "egl"
    # As the program does: the windows under test would wait for torch's idle threads.
    for name, value in QUIET_WAITING.items():
        os.environ.setdefault(name, value)
    if "PYTEST_XDIST_WORKER" in os.environ:  # there are as many as cores
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    # How tests are dealt to several processes is said in setup.cfg; for one, it would only turn the benchmarks off.
    if not getattr(config.option, "numprocesses", None) and not getattr(config.option, "tx", None):
        config.option.dist = "no"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Its check of all types is the longest test: at the end, the other processes would wait for it.
    items.sort(key=lambda item: item.path.name != "test_project.py")


@pytest.fixture(scope="session", autouse=True)
def config_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder for the program's settings, so that no test reads or writes the user's."""
    folder = tmp_path_factory.mktemp("config")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VISUALIZER_CONFIG_DIR", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def no_kernels() -> Iterator[None]:
    """The programs under test build no kernels, unless a test asks for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(build.OFF_VARIABLE, "0")
        yield


@pytest.fixture(scope="session")
def library_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the library that is built for these tests, by all of pytest's processes together."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def built_library(library_cache: Path) -> State:
    """The state after a build. The library is in use only where a test asks for `native`."""
    before = LIBRARY.state
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(library_cache))
        patch.delenv(build.OFF_VARIABLE, raising=False)
        state = build.run()
    LIBRARY.state = before
    return state


@pytest.fixture(scope="session")
def demo_resources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program's fonts and small demo networks. Not to be changed."""
    from tests.demos import make_resources

    return make_resources(tmp_path_factory.mktemp("resources"))


@pytest.fixture
def demo_networks(demo_resources: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program has small demo networks, all of them. The folder that they are in."""
    monkeypatch.setattr(resources, "ROOT", demo_resources)
    return demo_resources / "demo"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server on this machine, which answers as a test says."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as state:
        yield state


@pytest.fixture(scope="session")
def display() -> None:
    """For tests that open a hidden window: null platform and EGL, no X server."""
    system.require(system.missing_for_gl(), "a hidden window")


@pytest.fixture(scope="session")
def x_display() -> Iterator[str]:
    """For tests that send true OS events: the name of an X server of our own, never the user's.

    Give the program under test `system.x_environment(x_display)`.
    """
    system.require(system.missing_for_x(), "a window under Xvfb")
    with system.virtual_display() as name:
        yield name
