"""Every panel at every size: no word is cut, nothing overlaps, whatever network is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import pytest

import resources
from core.opening.demos import DEMOS
from core.request import Noise, NoiseMode, Precision, RenderRequest, SeedPoint, Truncation
from core.request.labels import soft_label
from tests.gui.conftest import GOLDEN
from tests.gui.pilot import Library, Pilot
from tests.small import mixed
from visualizer.settings import Settings, Theme
from visualizer.toolkit.paint import Rect
from visualizer.views.shell import BOTH_FROM
from visualizer.views.workspaces import PANELS, WORKSPACES, Workspace

SIZES = ((1280, 720), (1024, 640))  # the second has room for one dock: the right one is in front there
LOOKS = ((1.0, Theme.LIGHT), *((scale, Theme.DARK) for scale in (1.0, 1.25, 1.5, 2.0, 3.0)), (2.0, Theme.LIGHT))
NETWORKS = {
    "no network": "",
    "StyleGAN2": str(GOLDEN / "sg2-32-resnet.pkl"),
    "conditional": str(GOLDEN / "sg2ada-64-cond.pkl"),
    "StyleGAN3": str(GOLDEN / "sg3t-64-cond.pkl"),
}
SHOWN = {**NETWORKS, "demo network": DEMOS[-1].location}
ALL_OPEN = {panel.title: True for panel in PANELS}
WIDEST = RenderRequest(
    latent=SeedPoint(9_999_999.46, -0.46), sources=mixed(9_999_999, frozenset({0, 1})), truncation=Truncation(-0.88, 3),
    noise=Noise(NoiseMode.RANDOM, 2_000_000_000), precision=Precision.EXACT,
)  # fmt: skip

@dataclass
class Look:
    """What a frame at some scale and theme has on it."""

    name: str
    workspace: Workspace
    items: dict[str, Rect]
    cut: set[str]
    edge: float  # of the left dock
    right_edge: float  # of the right dock; 0 where there is none, or no room for it


def every_look() -> Iterator[tuple[Workspace, tuple[float, Theme]]]:
    """Each workspace in all looks; Tables, whose only panel is small, in every third."""
    for workspace in WORKSPACES:
        for look in LOOKS[:: 3 if workspace.name == "Tables" else 1]:
            yield workspace, look


@pytest.fixture(scope="module")
def all_demo_networks(demo_resources):
    """The program has all demo networks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "ROOT", demo_resources)
        yield


@pytest.fixture(scope="module", params=list(product(SHOWN, SIZES)), ids=lambda param: f"{param[0]}, {param[1][0]}")
def looks(request, library, all_demo_networks, display, headless):
    """The window with a network and all demo networks, at all scales and in both themes."""
    network, size = SHOWN[request.param[0]], request.param[1]
    opens = Library() if network.startswith("demo:") else library
    with Pilot(opens, size=size, settings=Settings(panels=ALL_OPEN)) as pilot:
        if network:
            pilot.open(network)
        show_widest(pilot, network)
        if size[0] < BOTH_FROM:
            pilot.click("Right dock edge")
        found = []
        for workspace, (scale, theme) in every_look():
            pilot.context.prefer(ui_scale=scale, theme=theme, workspace=workspace.name)
            pilot.step(2)
            if network:
                pilot.wait_for_picture()
            pilot.step()
            items = dict(pilot.ui.items)
            has_right = any(f"{panel.title}/Header" in items for panel in workspace.right)
            right = items["Right dock edge"].right if has_right else 0.0
            name = f"{workspace.name}, scale {scale:g}, {theme}"
            cut = set(pilot.ui.paint.shortened) - names_of_things(pilot)
            found.append(Look(name, workspace, items, cut, items["Dock edge"].x, right))
    return found


def show_widest(pilot: Pilot, network: str) -> None:
    """Values that need the most room, everything changed."""
    animation = pilot.session.animation
    animation.latent_speed, animation.mixing_speed, animation.noise_speed = -4.88, -4.88, 58.8
    c_dim = pilot.session.info.c_dim if pilot.session.info else 0
    label = soft_label({0: 0.12, c_dim - 1: 0.88}, c_dim) if c_dim else None
    pilot.session.edit(
        latent=WIDEST.latent, sources=WIDEST.sources, truncation=WIDEST.truncation, noise=WIDEST.noise, label=label,
        precision=Precision.EXACT,
    )  # fmt: skip
    if network:
        pilot.wait_for_picture()
    pilot.session.messages.notices = []


def names_of_things(pilot: Pilot) -> set[str]:
    """What may be cut: names of files, folders and devices, and what the status bar says."""
    loaded, frame = pilot.session.loaded, pilot.session.frame
    names = {str(pilot.actions.capture_folder), "There is no picture yet."}
    if loaded is not None:
        names |= {loaded.location, Path(loaded.location).name}
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


def test_no_word_is_cut(looks):
    assert not {look.name: look.cut for look in looks if look.cut}


def test_every_panel_is_there(looks):
    for look in looks:
        left, right = (look.workspace.left if look.edge > 0 else ()), (look.workspace.right if look.right_edge else ())
        assert left + right, look.name
        headers = {f"{panel.title}/Header" for panel in left + right}
        assert headers <= look.items.keys(), look.name


def test_in_a_narrow_window_one_dock_is_folded_and_a_click_on_its_edge_exchanges_them(launch):
    pilot = launch("", size=(1024, 640))
    for edge, there, away in (
        ("Dock edge", "Network", "Layer strip"),
        ("Right dock edge", "Layer strip", "Network"),
        ("Dock edge", "Network", "Layer strip"),
    ):
        if not pilot.has(f"{there}/Header"):
            pilot.click(edge)
            pilot.step()
        assert pilot.has(f"{there}/Header")
        assert not pilot.has(f"{away}/Header")
    pilot.app.shell.show_parameter("layers[0].psi")
    pilot.step(4)
    assert pilot.has("Layer strip/Header")
    pilot.context.prefer(ui_scale=0.9)  # 1138 pixels: room for both
    pilot.step(2)
    assert pilot.has("Layer strip/Header")
    assert pilot.has("Network/Header")


def test_nothing_overlaps(looks):
    scopes = (*ALL_OPEN, "Top", "View", "Status")
    assert not {(look.name, pair) for look in looks for scope in scopes for pair in overlapping(look.items, scope)}


def test_the_panels_are_within_their_docks(looks):
    outside = set()
    for look in looks:
        left, right = ({panel.title for panel in side} for side in (look.workspace.left, look.workspace.right))
        for name, r in look.items.items():
            scope = name.partition("/")[0]
            fits = r.right <= look.edge if scope in left else r.x >= look.right_edge - 1 if scope in right else True
            if not fits or (scope in left and r.x < 0):
                outside.add((look.name, name))
    assert not outside


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
def test_what_is_disabled_says_why_and_does_nothing(launch, network):
    pilot = launch(network, panels=ALL_OPEN)
    before = pilot.request
    reasons = dict(pilot.ui.reasons)
    for name, reason in reasons.items():
        assert reason.endswith("."), name
        pilot.drag(name, 10, steps=1)
        pilot.right_click(name)
        pilot.double_click(name)
        assert not pilot.ui.typing, name
        assert pilot.request == before, name
    assert (pilot.session.animation.running, pilot.actions.recording.recorder, pilot.popup_open) == (False, None, False)


def test_a_network_without_noise_has_its_noise_disabled(launch):
    pilot = launch(NETWORKS["StyleGAN3"])
    for name in ("Noise/Random", "Noise seed", "Animate", "Speed"):
        assert "no noise" in pilot.ui.reasons[f"Truncation & noise/{name}"]


def test_the_lines_of_a_menu_grow_with_the_controls(launch):
    pilot = launch("", size=(1600, 1000))
    heights = []
    for scale in (1.0, 2.0):
        pilot.context.prefer(ui_scale=scale)
        pilot.step(2)
        pilot.click("Top/File")
        pilot.step(2)
        heights.append(pilot.item("Menu/Quit").h)
        pilot.press("Escape")
        pilot.step()
    assert heights[1] == pytest.approx(2 * heights[0], abs=2)
