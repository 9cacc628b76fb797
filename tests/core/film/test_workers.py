"""Frames from several processes and from Ray: the same to the bit as here, also when a worker is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from core.base.errors import UsageError
from core.film.film import Film, MotionBlur
from core.film.frames import FilmFrame
from core.film.processes import frames_of_processes, serve, share_of_cores
from core.film.ray_cluster import LOCAL, frames_of_ray
from core.film.worker import Plan, networks_of
from core.opening.download import cache_folder
from core.request import Blend, RenderRequest
from core.timeline import Key, Track
from tests.core.film.scenes import maker_of, opened, scene


@pytest.fixture
def film() -> Film:
    return scene(blur=MotionBlur(2, 90.0), end_s=Fraction(3))


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def check_same(film: Film, found: list[FilmFrame]) -> None:
    network, renderer = opened()
    maker = maker_of(film, network)
    assert [frame.index for frame in found] == list(range(film.frames))
    for frame in found:
        made = maker.make(frame.index, renderer.render)
        assert np.array_equal(frame.pixels, made.pixels)
        assert frame.png == made.png


def test_processes_make_the_same_frames_and_one_that_is_killed_is_replaced(film: Film, one_thread: None) -> None:
    plan = Plan(film, opened()[0].origin, threads=1)
    found: list[FilmFrame] = []
    for frame in frames_of_processes(plan, range(film.frames), 2):
        if not found:
            victim, *_ = multiprocessing.active_children()
            victim.kill()
        found.append(frame)
    check_same(film, found)
    assert multiprocessing.active_children() == []


def test_a_network_that_has_changed_is_refused_by_the_workers(film: Film) -> None:
    ours, theirs = multiprocessing.Pipe()
    before = signal.getsignal(signal.SIGINT)
    serve(Plan(film, replace(opened()[0].origin, digest="0" * 64)), theirs)  # here, in place of a process of its own
    signal.signal(signal.SIGINT, before)
    said = ours.recv()
    assert isinstance(said, UsageError)
    assert str(said).endswith("sg2-32-gray.pkl is another file than when the film began; start it anew.")


def test_workers_share_the_cores() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert share_of_cores(1) == cores
    assert share_of_cores(1000) == 1


def test_the_networks_of_a_film_are_those_of_all_its_requests(film: Film) -> None:
    other = replace(film.request, blends=(Blend("other.pkl", (1.0,)),))
    whole = Track("request", (Key(0, replace(film.request, blends=(Blend("third.pkl", (0.5,)),))),))
    moved = replace(film, request=other, timeline=replace(film.timeline, tracks=(whole,)))
    assert networks_of(film) == (film.request.network,)
    assert networks_of(moved) == (film.request.network, "other.pkl", "third.pkl")
    assert networks_of(replace(film, request=RenderRequest(network="seed:0"))) == ("seed:0",)


def test_without_ray_it_says_how_to_get_it(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(UsageError, match=r"Ray is not installed here; run: pip install 'stylegan-visualizer\[ray\]'"):
        list(frames_of_ray(Plan(film, opened()[0].origin), range(4), LOCAL, 1, [opened()[0].origin]))


@pytest.mark.filterwarnings("ignore")  # of Ray
def test_ray_makes_the_same_frames_and_a_worker_that_is_killed_is_replaced(
    film: Film, one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="needs the extra ray")
    monkeypatch.setenv("VISUALIZER_CACHE_DIR", str(tmp_path))
    origin = opened()[0].origin
    found: list[FilmFrame] = []
    for frame in frames_of_ray(Plan(film, origin, threads=1), range(film.frames), LOCAL, 2, [origin]):
        if not found:
            names = {process: " ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)}
            next(process for process, name in names.items() if "RayWorker" in name).kill()
        found.append(frame)
    check_same(film, found)
    assert [path.name for path in (cache_folder() / "films").iterdir()] == [f"{origin.digest}.pkl"]
