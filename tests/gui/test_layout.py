"""Every panel at every size: no word is cut, nothing overlaps, whatever network is open."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest

from core.request import Mixing, Noise, NoiseMode, RenderRequest, SeedPoint, Truncation
from tests.gui.conftest import GOLDEN
from tests.gui.pilot import Pilot
from visualizer.panels import PANELS
from visualizer.settings import Theme

SCALES = (1.0, 1.25, 1.5, 2.0, 3.0)
NETWORKS = {
    "no network": "",
    "StyleGAN2": str(GOLDEN / "sg2-32-resnet.pkl"),
    "conditional": str(GOLDEN / "sg2ada-64-cond.pkl"),
    "StyleGAN3": str(GOLDEN / "sg3t-64-cond.pkl"),
}
ALL_OPEN = {panel.title: True for panel in PANELS}
WIDEST = RenderRequest(
    latent=SeedPoint(9_999_999.46, -0.46), mixing=Mixing(9_999_999, frozenset({0, 1})), truncation=Truncation(-0.88, 3),
    noise=Noise(NoiseMode.RANDOM, 2_000_000_000), force_fp32=True,
)  # fmt: skip

every_network = pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
every_size = pytest.mark.parametrize("size", [(1280, 720), (960, 600)], ids=["1280x720", "960x600"])


@pytest.fixture
def pilot(launch, network, size):
    return launch(network, size=size, panels=ALL_OPEN)


def looks(pilot: Pilot):
    """All scales and themes one after the other; yields what it is now."""
    for scale, theme in product(SCALES, Theme):
        pilot.context.prefer(ui_scale=scale, theme=theme)
        pilot.step(3)
        yield f"scale {scale:g}, {theme}"


def show_widest(pilot: Pilot, network: str) -> None:
    """Values that need the most room, everything changed."""
    animation = pilot.session.animation
    animation.latent_speed, animation.mixing_speed, animation.noise_speed = -4.88, 58.8, 58.8
    label = 0 if pilot.session.info and pilot.session.info.c_dim else None
    pilot.session.edit(
        latent=WIDEST.latent, mixing=WIDEST.mixing, truncation=WIDEST.truncation, noise=WIDEST.noise, label=label,
        force_fp32=True,
    )  # fmt: skip
    if network:
        pilot.wait_for_picture()
    pilot.session.notices = []


def names_of_things(pilot: Pilot) -> set[str]:
    """What may be cut: names of files, folders and devices, and what the status bar says."""
    loaded, frame = pilot.session.loaded, pilot.session.frame
    names = {str(pilot.actions.capture_folder), "There is no picture yet."}
    if loaded is not None:
        names |= {loaded.source, Path(loaded.source).name}
    if frame is not None:
        names |= {f"Running on {frame.device}", *frame.notes}
    return names


def overlapping(items, scope: str):
    mine = {name: r.inset(0.5) for name, r in items.items() if name.startswith(f"{scope}/")}
    return [
        (a, b)
        for (a, r), (b, s) in combinations(mine.items(), 2)
        if r.x < s.right and s.x < r.right and r.y < s.bottom and s.y < r.bottom
        and not b.startswith(f"{a}/") and not a.startswith(f"{b}/")
    ]  # fmt: skip


@every_network
@every_size
def test_no_word_is_cut(pilot, network, size):
    show_widest(pilot, network)
    cut = {}
    for look in looks(pilot):
        words = set(pilot.ui.paint.shortened) - names_of_things(pilot)
        if words:
            cut[look] = words
    assert not cut


@every_network
@every_size
def test_nothing_overlaps_and_all_is_within_the_dock(pilot, network, size):
    show_widest(pilot, network)
    titles = [panel.title for panel in pilot.app.shell.panels]
    for look in looks(pilot):
        items, edge = pilot.ui.items, pilot.item("Dock edge").centre[0]
        for scope in (*titles, "Top", "View", "Status"):
            assert not overlapping(items, scope), look
        outside = [n for n, r in items.items() if n.partition("/")[0] in titles and not 0 <= r.x < r.right <= edge]
        assert not outside, look


@every_network
@every_size
def test_no_panel_fails(pilot, network, size):
    assert not pilot.app.shell.broken
    show_widest(pilot, network)
    pilot.step()
    assert not pilot.app.shell.broken
    assert {f"{panel.title}/Header" for panel in PANELS} <= pilot.ui.items.keys()


@every_network
@pytest.mark.parametrize("size", [(960, 600)])
def test_what_is_disabled_says_why_and_does_nothing(pilot, network, size):
    before = pilot.request
    reasons = dict(pilot.ui.reasons)
    for name, reason in reasons.items():
        assert reason.endswith("."), name
        pilot.drag(name, 10)
        pilot.right_click(name)
        pilot.double_click(name)
        assert not pilot.ui.typing, name
        assert pilot.request == before, name
    assert (pilot.session.animation.running, pilot.actions.recorder, pilot.popup_open) == (False, None, False)


@pytest.mark.parametrize(("network", "size"), [(NETWORKS["StyleGAN3"], (960, 600))])
def test_a_network_without_noise_has_its_noise_disabled(pilot, network, size):
    for name in ("Noise/Random", "Noise seed", "Animate", "Speed"):
        assert "no noise" in pilot.ui.reasons[f"Truncation & noise/{name}"]
