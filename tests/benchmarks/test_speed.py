"""Our synthesis against the plain way, the floor of its convolutions, and OpenVINO; and how it scales.

`-k sg2-256`, `-k scales` and the like run parts; SPEED_JSON=FILE also writes the report there. For the peer:
pip install openvino.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.child import Job, Measured, Way, run_job
from tests.benchmarks.speed import MIB, Compared, Peer, Report, Scaled

NETWORKS = ("sg2-256", "sg2-1024", "sg3t-256", "sg3t-1024", "sg3r-256", "sg3r-1024")
TOLERANCE = 2e-5  # of max(1, max |plain picture|), exact
FAST_TOLERANCE = 0.1
WIDEST = 32768  # channel_base of the networks that are compared over resolutions


@pytest.fixture(scope="module")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    path = os.environ.get("SPEED_JSON")
    made = Report(Path(path) if path else None)
    yield made
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    assert capture is not None  # it is there with -s, too
    with capture.global_and_fixture_disabled():
        print("\n" + made.text())  # noqa: T201


@pytest.mark.parametrize("name", NETWORKS)
def test_ours_is_faster_than_the_plain_way(report: Report, tmp_path: Path, name: str):
    images = {way: str(tmp_path / f"{way}.npy") for way in ("plain", "ours", "fast")}
    plain = run_job(Job(Way.PLAIN, name, image=images["plain"]))
    ours = run_job(Job(Way.OURS, name, image=images["ours"]))
    fast = run_job(Job(Way.OURS, name, "fast", image=images["fast"]))
    floor, fast_floor = run_job(Job(Way.FLOOR, name)), run_job(Job(Way.FLOOR, name, "fast"))
    fast_s = median(fast) if fast.times_s else None
    row = Compared(
        network=name,
        plain_s=median(plain),
        ours_s=median(ours),
        ours_x=median(plain) / median(ours),
        floor_s=median(floor),
        quotient=median(ours) / median(floor),
        error=error(images["ours"], images["plain"]),
        fast_s=fast_s,
        fast_x=median(plain) / fast_s if fast_s else None,
        fast_floor_s=median(fast_floor),
        fast_quotient=fast_s / median(fast_floor) if fast_s else None,
        fast_error=error(images["fast"], images["plain"]) if fast_s else None,
        peak_mib=mib(run_job(Job(Way.PEAK, name))),
        fast_peak_mib=mib(run_job(Job(Way.PEAK, name, "fast"))) if fast_s else None,
        plain_peak_mib=mib(plain),
    )
    report.add("networks", row)
    assert row.error <= TOLERANCE
    assert row.fast_error is None or row.fast_error <= FAST_TOLERANCE
    assert row.ours_x > 1


@pytest.mark.parametrize("resolution", [64, 128, 256, 512, 1024])
def test_it_scales_with_the_resolution(report: Report, resolution: int):
    add_scaled(report, "resolution", Job(Way.OURS, f"sg2-{resolution}", channel_base=WIDEST))


@pytest.mark.parametrize("batch", [1, 2, 4, 8])
def test_it_scales_with_the_batch(report: Report, batch: int):
    add_scaled(report, "batch", Job(Way.BATCH, "sg2-256", batch=batch))


@pytest.mark.parametrize("threads", [1, 2])
def test_it_scales_with_the_threads(report: Report, threads: int):
    add_scaled(report, "threads", Job(Way.OURS, "sg2-256", threads=threads))


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="openvino is not installed: pip install it")
@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("name", ["sg2-256", "sg2-512", "sg2-1024"])
def test_ours_beside_openvino(report: Report, tmp_path: Path, name: str, precision: str):
    images = {way: str(tmp_path / f"{way}.npy") for way in ("plain", "peer")}
    peer = run_job(Job(Way.OPENVINO, name, precision, image=images["peer"]))
    ours = run_job(Job(Way.OURS, name, precision))
    run_job(Job(Way.PLAIN, name, image=images["plain"]))
    row = Peer(
        network=name,
        precision=precision,
        openvino_s=median(peer),
        compiling_s=peer.prepare_s,
        error=error(images["peer"], images["plain"]),
        ours_s=median(ours) if ours.times_s else None,
        ours_x=median(peer) / median(ours) if ours.times_s else None,
    )
    report.add("OpenVINO", row)
    assert row.error <= (TOLERANCE if precision == "exact" else FAST_TOLERANCE)


# ----------------------------------------------------------------------------
# Parts.


def add_scaled(report: Report, section: str, job: Job) -> None:
    took_s = median(run_job(job))
    floor = run_job(Job(Way.FLOOR, job.network, channel_base=job.channel_base, threads=job.threads))
    row = Scaled(
        network=job.network,
        batch=job.batch,
        threads=job.threads,
        s=took_s,
        ns_per_pixel=took_s * 1e9 / (job.batch * int(job.network.rpartition("-")[2]) ** 2),
        ps_per_multiply_add=took_s * 1e12 / (job.batch * floor.multiply_adds),
        quotient=took_s / (job.batch * median(floor)),
    )
    report.add(section, row)


def median(measured: Measured) -> float:
    return statistics.median(measured.times_s)


def mib(measured: Measured) -> float | None:
    return None if measured.peak_bytes is None else measured.peak_bytes / MIB


def error(path: str, expected_path: str) -> float:
    """max |difference| of two pictures, of max(1, max |expected|)."""
    image, expected = np.load(path), np.load(expected_path)
    assert image.shape == expected.shape
    return float(np.abs(image - expected).max() / max(1.0, np.abs(expected).max()))
