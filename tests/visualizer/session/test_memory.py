"""Opening networks again and again, as a long session does, takes no more and more memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
TIMEOUT_S = 300
GROWTH = 1.05  # from the 5th network to the 30th

SWITCHING = """
import queue, sys
import psutil
from core.base.process import prepare_process
from core.render.open_networks import OpenNetworks
from core.render.service import RenderService
from core.request import SeedPoint
from visualizer.session.work.jobs import Jobs
from visualizer.session.session import Session

prepare_process()
wakes = queue.Queue()
wake = lambda: wakes.put(None)
session = Session(Jobs(on_change=wake), RenderService(wake, OpenNetworks()), device="cpu")

def step():
    wakes.get(timeout=60)
    session.receive()
    session.commit_gesture()
    session.submit()
    assert session.problem is None, session.problem

def until(done):
    while not done():
        step()

def shown():
    request = session.frame and session.frame.request
    return request is not None and (request.network, request.latent) == (source, session.request.latent)

for turn in range(30):
    source = sys.argv[1 + turn % 2]
    session.open(source)
    until(lambda: session.loaded is not None and session.loaded.location == source)
    for seed in range(3):
        session.edit(latent=SeedPoint(seed + turn))
        session.submit()
        until(shown)
    print(psutil.Process().memory_info().rss)
"""


def test_switching_between_networks_does_not_grow(tmp_path: Path):
    networks = [str(ROOT / "tests" / "golden" / f"{name}.pkl") for name in ("sg2-32-gray", "sg2ada-64-cond")]
    command = [sys.executable, "-c", SWITCHING, *networks]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert ended.returncode == 0, ended.stderr
    resident = [int(line) for line in ended.stdout.split()]
    assert len(resident) == 30
    assert resident[29] <= GROWTH * resident[4], [round(size / 1e6) for size in resident]
