"""How long the window takes for a frame of its own (without the swap) while nothing, little or much is going on."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest
import torch
from imgui_bundle import imgui
from OpenGL import GL as gl  # noqa: N811

from core.base.progress import Progress
from core.display.analysis import Analysis
from core.display.frame import Frame, LayerInfo
from core.display.images import analyse, look
from core.opening.network import Network
from core.render.execution import Execution
from core.render.open_networks import OpenNetworks
from core.render.operations import Order
from core.render.service import Networks
from core.render.tasks import Loaded, Task
from core.request import ModelInfo, Origin, RenderRequest, SeedPoint, View
from core.synthesis.generator import Tap
from core.timeline import Key, Timeline, Track
from tests.unscored import Unscored
from visualizer.app import App
from visualizer.settings import Settings
from visualizer.toolkit.window import Window
from visualizer.views.animate.desk import Mode
from visualizer.views.animate.view import AnimateView

FRAMES = 120
SPAN_S = 30.0  # at most, of a measurement
RATE = 60
DRAG_S = 12.0

Make = Callable[[], Networks]

INFO = ModelInfo("Fake", "", 256, 256, 3, z_dim=4, w_dim=4, c_dim=0, num_ws=14, ws_names=("w",) * 14)


class Slow(Unscored):
    """Renders in layers of 20 ms, in which it waits."""

    def __init__(self) -> None:
        self._pixels = np.zeros((256, 256, 3), np.uint8)

    def render(self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution) -> Frame:
        image = torch.zeros(3, 256, 256)
        for layer in range(10):
            threading.Event().wait(0.02)
            tap(f"L{layer}", image)
        return Frame(request, self._pixels, self._pixels[::4, ::4], image)


class Channels(Unscored):
    """A layer of 512 channels in place of a network; all that is found out about it is real."""

    def __init__(self) -> None:
        self._layer = torch.randn(512, 64, 64, generator=torch.Generator().manual_seed(0))

    def render(self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution) -> Frame:
        threading.Event().wait(0.05)
        assert isinstance(request.latent, SeedPoint)
        x = self._layer.roll(round(request.latent.x * 100), 2)
        pixels, shown, _ = look(x, request.view)
        layers = (LayerInfo("layer", (1, *x.shape), "float32", 50.0),)
        result = analyse(x, shown, analysis, (("layer", 1.0),) if analysis.magnitudes else ())
        return Frame(request, pixels, pixels[:0, :0], x, layers=layers, analysis=result)


class Fake:
    """Networks of which one is open, with a renderer of the test's; their owner."""

    moves = 0

    def __init__(self, renderer: Unscored) -> None:
        self._renderer = renderer

    def open(self, location: str, progress: Progress) -> Loaded:
        return Loaded(location, INFO, Origin(location))

    def live(self, task: Task) -> Any:
        return self._renderer

    def bench(self, order: Order[Any], progress: Progress) -> Any:
        raise NotImplementedError


def many_channels() -> Networks:
    return Fake(Channels())


def slow_fake() -> Networks:
    return Fake(Slow())


def random_1024() -> Networks:
    from core.bench.report import random_network

    network = random_network("sg2-1024")
    return OpenNetworks(lambda location, progress: Network(network.generator, network.info, Origin(location)))


class FinishingWindow(Window):
    """Waits for OpenGL in `present`, as a swap on a screen does; software OpenGL would draw on during the step."""

    def present(self, *, vsync: bool) -> None:
        super().present(vsync=vsync)
        gl.glFinish()


@dataclass
class Desk:
    """The program in a hidden window."""

    app: App
    window: Window

    def step_until(self, done: Callable[[], bool], *, edit: bool = False) -> list[float]:
        """Milliseconds of each frame of the window."""
        times: list[float] = []
        deadline = perf_counter() + SPAN_S
        while not done() and perf_counter() < deadline:
            if edit:
                self.app.session.edit(latent=SeedPoint(len(times) * 0.05))
            start = perf_counter()
            self.app.step()
            self.window.wait(max(1 / RATE - (perf_counter() - start), 0.001))
            times.append(self.app.context.meters.window.times[-1])
        return times

    def scroll_mosaic(self) -> None:
        """The wheel, over the middle of the mosaic."""
        r, io = self.app.context.ui.items["Mosaic"], imgui.get_io()
        io.add_mouse_pos_event(*r.centre)
        io.add_mouse_wheel_event(0, -0.3 if perf_counter() % 4 < 2 else 0.3)

    def come_to_rest(self) -> None:
        self.app.session.service.cancel()
        self.step_until(lambda: not self.app.session.service.busy)


@pytest.fixture
def open_desk(display: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Make], Desk]]:
    monkeypatch.setenv("VISUALIZER_HEADLESS", "1")
    monkeypatch.setenv("VISUALIZER_CONFIG_DIR", str(tmp_path))
    closing: list[Callable[[], object]] = []

    def start(make: Make) -> Desk:
        window = FinishingWindow("benchmark", (1280, 800))
        app = App(window, Settings(), networks=make())
        desk = Desk(app, window)
        closing.extend((desk.come_to_rest, app.close, window.close))
        app.context.actions.opening.open("network")
        desk.step_until(lambda: app.session.frames > 0)
        assert app.session.frames
        desk.step_until(lambda: not app.session.service.busy)
        return desk

    yield start
    for close in closing:
        close()


def percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49], "p99_ms": cuts[98], "frames": len(times)}


@pytest.mark.parametrize("make", [slow_fake, random_1024], ids=["slow fake", "StyleGAN2 at 1024"])
def test_frames_of_the_window(benchmark: Any, open_desk: Callable[[Make], Desk], make: Make):
    """Idle first, which is the baseline; then with a request that changes in every frame."""
    desk = open_desk(make)
    counter = iter(range(10**6))
    idle = percentiles(desk.step_until(lambda: next(counter) >= FRAMES))
    session, shown, times, took_s = desk.app.session, desk.app.session.frames, list[float](), list[float]()

    def drag() -> None:
        start = perf_counter()
        times.extend(desk.step_until(lambda: perf_counter() - start > DRAG_S, edit=True))
        took_s.append(perf_counter() - start)

    benchmark.pedantic(drag, rounds=1)
    busy = percentiles(times)
    rate = (session.frames - shown) / took_s[0]
    benchmark.extra_info |= {"idle": idle, "rendering": busy, "pictures_per_s": rate}
    assert session.frames > shown
    ratio = busy["p50_ms"] / idle["p50_ms"]
    print(f"\nidle {idle}\nrendering {busy}, {ratio:.1f} x idle, {rate:.2f} pictures a second")  # noqa: T201


def test_frames_of_the_window_with_a_mosaic_of_512_channels(benchmark: Any, open_desk: Callable[[Make], Desk]):
    """The workspace Inspect, with all its panels; the layer changes in every frame, and the mosaic is scrolled."""
    desk = open_desk(many_channels)
    session, times = desk.app.session, list[float]()
    desk.app.context.prefer(workspace="Inspect")
    session.edit(view=View("layer"))
    desk.step_until(lambda: "Mosaic" in desk.app.context.ui.items)
    shown = session.frames

    def drag() -> None:
        start = perf_counter()

        def over() -> bool:
            desk.scroll_mosaic()
            return perf_counter() - start > DRAG_S

        times.extend(desk.step_until(over, edit=True))

    benchmark.pedantic(drag, rounds=1)
    found = percentiles(times)
    rate = (session.frames - shown) / DRAG_S
    benchmark.extra_info |= {"mosaic": found, "pictures_per_s": rate}
    assert session.frames > shown
    print(f"\n{found}, {rate:.2f} layers a second")  # noqa: T201


def long_timeline(tracks: int, keys: int) -> Timeline:
    """Psi and noise of many layers, with keys all over a minute."""
    paths = [f"layers[{number // 2}].{'psi' if number % 2 else 'noise'}" for number in range(tracks)]
    at = [60 * number / keys for number in range(keys)]
    values = np.random.default_rng(0).random((tracks, keys)).tolist()
    return Timeline(
        tuple(Track(path, tuple(map(Key, at, row))) for path, row in zip(paths, values, strict=True)), duration_s=60.0
    )


@pytest.mark.parametrize("mode", [Mode.KEYS, Mode.CURVES])
def test_frames_of_the_window_with_a_timeline_of_200_tracks(
    benchmark: Any, open_desk: Callable[[Make], Desk], mode: Mode
):
    """500 keys on each, all seen; lines are scrolled, time is zoomed and panned."""
    desk, timeline = open_desk(slow_fake), long_timeline(200, 500)
    app = desk.app
    app.context.prefer(workspace="Animate", timeline_height=460.0)
    app.context.preview.on = False
    app.session.document.change(timeline=timeline)
    desk.step_until(lambda: "Timeline/Tracks" in app.context.ui.items)
    view = app.shell.view
    assert isinstance(view, AnimateView)
    view.timeline.desk.mode = mode
    io, started, times, used_s = imgui.get_io(), perf_counter(), list[float](), list[float]()

    def over() -> bool:
        name = "Timeline/Tracks" if mode is Mode.KEYS else "Timeline/Ruler"
        r, phase = app.context.ui.items[name], perf_counter() % 2
        io.add_mouse_pos_event(*r.centre)
        io.add_mouse_wheel_event(0, -0.4 if phase < 1 else 0.4)
        return perf_counter() - started > DRAG_S

    def scroll() -> None:
        before = process_time()
        times.extend(desk.step_until(over))
        used_s.append(process_time() - before)

    benchmark.pedantic(scroll, rounds=1)
    found = percentiles(times)
    cpu_ms = used_s[0] * 1000 / len(times)
    benchmark.extra_info |= {"timeline": found, "cpu_ms": cpu_ms}
    assert len(times) > 10
    print(f"\n{mode}: {found}, {cpu_ms:.1f} ms of the processor a frame")  # noqa: T201
