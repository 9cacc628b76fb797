"""What was seen in a recording: when it changed, when it stood still, and no more than memory allows."""

from __future__ import annotations

import pytest

from core.request import RenderRequest, SeedPoint
from core.timeline import request_at
from core.timeline.simplify import timeline_of
from visualizer.actions.films import moments
from visualizer.actions.films.moments import Moments


def at(x: float, network: str = "a") -> RenderRequest:
    return RenderRequest(network=network, latent=SeedPoint(x))


def test_what_stood_still_does_not_move_slowly() -> None:
    seen = Moments()
    for time_s, x in ((0.0, 1.0), (0.5, 1.0), (4.0, 1.5), (4.1, 1.6), (4.2, 1.7)):
        seen.add(time_s, at(x))
    timeline, base = timeline_of(seen.until(6.0, "a")), at(1.0)
    shown = [request_at(timeline, base, time_s).latent for time_s in (0, 2, 3.9, 4.1, 5.9)]
    places = [latent.x for latent in shown if isinstance(latent, SeedPoint)]
    assert places == pytest.approx([1, 1, 1, 1.6, 1.7], abs=0.02)
    assert timeline.duration_s == pytest.approx(6.0, abs=0.05)


def test_a_long_recording_keeps_its_length_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "MOST", 100)
    seen = Moments()
    for index in range(5000):
        seen.add(index / 60, at(index / 100))
    found = seen.until(0.0, "a")
    assert 25 <= len(found) <= 101
    assert found[0] == (0.0, at(0.0))
    assert found[-1][0] > 80
    assert all(request.latent.x == pytest.approx(time_s * 0.6) for time_s, request in found)  # type: ignore[union-attr]


def test_other_networks_are_left_out() -> None:
    seen = Moments()
    seen.add(0.0, at(0))
    seen.add(0.5, at(1, "b"))
    assert seen.until(2.0, "a") == [(0.0, at(0)), (2.0, at(0))]
    assert seen.until(2.0, "c") == []
