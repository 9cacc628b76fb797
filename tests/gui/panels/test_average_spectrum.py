"""Average spectra in the panel Spectrum: made in the background, watched, overlaid, saved."""

from __future__ import annotations

import csv
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.progress import silent
from core.request import ModelInfo
from core.synthesis.generator import Generator, State, Step, SynthesisInputs, Tap
from tests.gui.conftest import GOLDEN, SG2
from tests.gui.pilot import PATIENCE_S
from tests.gui.views.test_layout import overlapping
from tests.small import stylegan2
from visualizer.panels.inspection.averages import COLOURS

LARGER = str(GOLDEN / "sg2ada-64-cond.pkl")
FOLDED = {"Channels": False, "Histogram": False, "Equivariance": False, "Capture": False}


@dataclass(eq=False)
class Held:
    """A generator that, while it is held, makes as many pictures as a test lets go; others are shown meanwhile."""

    generator: Generator
    holds: bool = False
    hears: threading.Event = field(default_factory=threading.Event)  # whether it can be told to stop
    permits: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def info(self) -> ModelInfo:
        return self.generator.info

    @property
    def steps(self) -> Sequence[Step]:
        first, *others = self.generator.steps

        def run(state: list[torch.Tensor | None], inputs: SynthesisInputs, tap: Tap) -> State:
            while self.holds and not self.permits.acquire(timeout=0.005):
                assert self.hears.wait(PATIENCE_S)
                tap("held", inputs.ws)
            return first.run(state, inputs, tap)

        return (replace(first, run=run), *others)

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        return self.generator.noise_shapes

    def tensors(self) -> Mapping[str, torch.Tensor]:
        return self.generator.tensors()

    @property
    def stored_noise(self) -> tuple[torch.Tensor, ...]:
        return self.generator.stored_noise

    @property
    def w_avg(self) -> torch.Tensor:
        return self.generator.w_avg

    def centre(self, c: torch.Tensor | None) -> torch.Tensor:
        return self.generator.centre(c)

    def map(self, z: torch.Tensor, c: torch.Tensor | None) -> torch.Tensor:
        return self.generator.map(z, c)

    def span(self, layer: str) -> float:
        return self.generator.span(layer)

    def to(self, device: torch.device) -> Generator:
        return self.generator.to(device)


@pytest.fixture
def pilot(launch):
    """The workspace Inspect with a small StyleGAN2."""
    pilot = launch(size=(1680, 1000), workspace="Inspect", panels=FOLDED)
    pilot.wait_until(lambda: pilot.session.frame.analysis and pilot.session.frame.analysis.spectrum)
    return pilot


@pytest.fixture
def held(pilot, library) -> Held:
    """What the open network's pictures are averaged with."""
    loaded = library(SG2, silent)
    held = Held(loaded.generator)
    library.shelf["held.pkl"] = replace(loaded, generator=held)
    pilot.open("held.pkl")
    pilot.wait_until(lambda: pilot.session.frame.analysis.spectrum and not pilot.session.service.busy)
    held.hears.set()
    held.holds = True
    return held


def start(pilot, seeds: int) -> None:
    pilot.enter("Spectrum/Average", str(seeds))
    pilot.click("Spectrum/Run")


def run(pilot, seeds: int = 2) -> None:
    start(pilot, seeds)
    pilot.wait_until(lambda: not pilot.session.operations)
    pilot.leave()
    assert pilot.session.problem is None


def shown(pilot) -> str:
    return pilot.value("Spectrum/Show")


def rows(pilot) -> list[str]:
    """The colours of the averages that are kept, from the top down."""
    pixels = pilot.pixels()
    colours: list[str] = []
    while pilot.has(name := f"Spectrum/Average {len(colours) + 1}"):
        r = pilot.item(name)
        swatch = pixels[int(r.y + r.h / 2), int(r.x + 5)]
        colours.append(next(colour for colour in COLOURS if tuple(swatch) == rgb(pilot, colour)))
    return colours


def curves(pilot) -> set[str]:
    """The colours that the left half of the plot has, where no legend is."""
    pilot.leave()
    pilot.step(2)
    r = pilot.item("Spectrum/Plot")
    plot = pilot.pixels()[int(r.y) : int(r.bottom), int(r.x + 0.15 * r.w) : int(r.x + r.w / 2)].astype(int)
    return {colour for colour in COLOURS if (abs(plot - rgb(pilot, colour)).sum(2) < 24).any()}


def rgb(pilot, colour: str) -> tuple[int, int, int]:
    packed = pilot.ui.style.colour(colour)
    return packed & 255, packed >> 8 & 255, packed >> 16 & 255


def files(pilot) -> list[str]:
    return sorted(path.name for path in pilot.actions.capture_folder.iterdir())


# ----------------------------------------------------------------------------
# Making one.


def test_run_shows_the_average(pilot):
    assert curves(pilot) >= {"p0", "p1", "p2"}  # of the picture, in three ways
    run(pilot)
    assert shown(pilot) == "Averages"
    assert rows(pilot) == ["p0"]
    assert curves(pilot) == {"p0"}


def test_an_average_is_seen_while_it_grows(pilot, held):
    start(pilot, 3)
    assert curves(pilot) == set()
    assert not pilot.has("Spectrum/Run")
    held.permits.release()
    pilot.wait_until(lambda: curves(pilot) == {"p0"})
    held.permits.release()
    pilot.wait_until(lambda: pilot.session.operations[0].status.done == 1)
    assert rows(pilot) == []
    held.permits.release()
    pilot.wait_until(lambda: rows(pilot) == ["p0"])
    assert pilot.has("Spectrum/Run")


def test_cancel_leaves_everything_as_it_was(pilot, held):
    pilot.enter("Spectrum/Average", "3")
    pilot.wait_for_picture()

    def panel() -> np.ndarray:
        pilot.leave()
        pilot.step(3)
        top, bottom = pilot.item("Spectrum/Header"), pilot.item("Equivariance/Header")
        return pilot.pixels()[int(top.y) : int(bottom.bottom), int(top.x) :]

    before = panel()
    start(pilot, 3)
    held.permits.release()
    pilot.wait_until(lambda: curves(pilot))
    held.hears.clear()  # it is within a layer
    pilot.click("Spectrum/Cancel")
    assert pilot.ui.reasons["Spectrum/Cancel"] == "It stops at the next layer."
    held.hears.set()
    pilot.wait_until(lambda: not pilot.session.operations)
    np.testing.assert_array_equal(panel(), before)
    assert (pilot.session.problem, pilot.session.notices) == (None, [])


def test_cancel_keeps_the_average_before(pilot, held):
    held.permits.release(1)
    run(pilot, 1)
    before = curves(pilot)
    start(pilot, 3)
    assert curves(pilot) == set()
    pilot.click("Spectrum/Cancel")
    held.permits.release()
    pilot.wait_until(lambda: not pilot.session.operations)
    assert (rows(pilot), curves(pilot), shown(pilot)) == (["p0"], before, "Averages")


def test_a_network_that_fails_is_told_of_and_changes_nothing(pilot, library):
    broken = stylegan2(16)
    library.shelf["broken.pkl"] = replace(library(SG2, silent), generator=broken.generator, info=broken.info)
    pilot.open("broken.pkl")
    next(broken.generator.mapping.parameters()).fill_(math.nan)  # type: ignore[attr-defined]
    start(pilot, 2)
    pilot.wait_until(lambda: pilot.session.problem)
    assert "NaN" in pilot.session.problem.text
    assert (rows(pilot), shown(pilot)) == ([], "Picture")
    assert pilot.has("Spectrum/Run")


def test_an_average_goes_on_while_another_network_is_shown(pilot, held):
    start(pilot, 2)
    pilot.open(LARGER)
    held.permits.release(2)
    pilot.wait_until(lambda: rows(pilot) == ["p0"])


# ----------------------------------------------------------------------------
# Several.


def test_networks_are_overlaid_the_newest_first(pilot):
    run(pilot)
    pilot.open(LARGER)
    run(pilot)
    assert rows(pilot) == ["p1", "p0"]
    assert curves(pilot) == pilot.legend("Spectrum") == {"p0", "p1"}


def test_a_network_has_one_average(pilot):
    run(pilot, 1)
    run(pilot, 2)
    assert rows(pilot) == ["p0"]


def test_the_oldest_of_four_gives_way(pilot, library):
    for index in range(5):
        name = f"{index}.pkl"
        library.shelf[name] = library(SG2, silent)
        pilot.open(name)
        run(pilot, 1)
    assert rows(pilot) == ["p0", "p3", "p2", "p1"]


def test_the_last_that_is_removed_leaves_the_picture(pilot):
    run(pilot, 1)
    pilot.open(LARGER)
    run(pilot, 1)
    pilot.click("Spectrum/Remove 1")
    assert (rows(pilot), curves(pilot), shown(pilot)) == (["p0"], {"p0"}, "Averages")
    pilot.click("Spectrum/Remove 1")
    pilot.step()
    assert (rows(pilot), shown(pilot)) == ([], "Picture")
    assert curves(pilot) >= {"p0", "p1", "p2"}


# ----------------------------------------------------------------------------
# What is shown.


def test_the_picture_and_the_averages_take_turns(pilot):
    run(pilot)
    pilot.click("Spectrum/Show/Picture")
    assert curves(pilot) >= {"p0", "p1", "p2"}
    pilot.click("Spectrum/Show/Averages")
    assert curves(pilot) == {"p0"}


def test_each_way_through_the_spectrum_has_its_curve(pilot):
    run(pilot)
    plots = []
    for way in ("Radial", "0°", "45°"):
        pilot.click(f"Spectrum/Along/{way}")
        pilot.leave()
        r = pilot.item("Spectrum/Plot")
        plots.append(pilot.pixels()[int(r.y) : int(r.bottom), int(r.x) : int(r.right)])
        assert curves(pilot) == {"p0"}
    assert all((one != other).any() for one, other in ((plots[0], plots[1]), (plots[1], plots[2])))


def test_what_cannot_be_chosen_yet_says_why(pilot):
    assert "no average yet" in pilot.ui.reasons["Spectrum/Show/Averages"]
    pilot.click("Spectrum/Show/Averages")
    assert shown(pilot) == "Picture"
    assert "choose Averages" in pilot.ui.reasons["Spectrum/Along/45°"]


def test_without_a_network_there_is_nothing_to_average(launch):
    pilot = launch("", size=(1600, 1000), workspace="Inspect", panels=FOLDED)
    assert pilot.ui.reasons["Spectrum/Run"] == "No network is open."


def test_a_reset_keeps_the_averages(pilot):
    run(pilot)
    pilot.click("Spectrum/Along/45°")
    pilot.click("Spectrum/Reset")
    pilot.step()
    values = [pilot.value(f"Spectrum/{name}") for name in ("Show", "Along", "Average")]
    assert values == ["Picture", "Radial", "256"]
    assert rows(pilot) == ["p0"]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_no_word_is_cut_in_the_narrowest_dock(pilot, held, scale):
    held.permits.release()
    run(pilot, 1)
    pilot.context.prefer(right_dock_width=352.0, ui_scale=scale)
    for action in ("Average", "Run", "Cancel"):
        if action == "Average":
            pilot.enter("Spectrum/Average", "50000")
        else:
            pilot.click(f"Spectrum/{action}")
        pilot.leave()
        pilot.step(2)
        assert not set(pilot.ui.paint.shortened) & {"seeds", "1 seed", "held.pkl", "0 of 50,000", "Cancel", "Run"}
        assert not overlapping(pilot.ui.items, "Spectrum")
    held.permits.release()


# ----------------------------------------------------------------------------
# Saving.


def test_an_average_is_saved_as_a_picture_and_a_table(pilot):
    (pilot.actions.capture_folder / "00006.png").touch()
    run(pilot, 3)
    pilot.click("Spectrum/Save 1")
    pilot.wait_until(lambda: pilot.session.notices)
    names = ["00007-spectrum.csv", "00007-spectrum.png"]
    assert files(pilot) == ["00006.png", *names]
    assert all(name in pilot.session.notices[-1].text for name in names)

    table, picture = (pilot.actions.capture_folder / name for name in names)
    with Image.open(picture) as image:
        pixels = np.asarray(image).astype(int)
    assert pixels.shape == (4 * 32 + 1, 4 * 32 + 1, 3)
    assert pixels[64, 64].sum() > pixels[0, 0].sum()  # low frequencies are stronger
    comment, *lines = table.read_text(encoding="utf-8").splitlines()
    assert SG2 in comment
    assert "3 pictures" in comment
    columns = {name: float(value) for name, value in list(csv.DictReader(lines))[-1].items()}
    assert columns["frequency_cycles_per_pixel"] == 0.5
    assert columns["slice_45_deg_frequency_cycles_per_pixel"] == pytest.approx(0.7071, abs=1e-4)
    assert all(-60 < columns[name] < 20 for name in ("radial_mean_db", "slice_0_deg_db", "slice_45_deg_db"))


def test_a_folder_that_cannot_be_written_is_named(pilot, tmp_path):
    run(pilot, 1)
    (tmp_path / "file").write_text("")
    pilot.context.prefer(capture_folder=str(tmp_path / "file" / "folder"))
    pilot.click("Spectrum/Save 1")
    pilot.wait_until(lambda: pilot.session.problem)
    assert "choose another folder" in pilot.session.problem.text
    assert rows(pilot) == ["p0"]
