"""Rows of sources of styles: their pictures, and what they and networks that are blended in are called."""

from __future__ import annotations

import numpy as np

from core.base.progress import silent
from core.parameters import letter_of, source_name
from core.render.renderer import Renderer
from core.request import Codes, LayerEdit, RenderRequest, SeedPoint, StyleSource, WVector, ZVector
from core.request.mixtures import between, mixture
from tests.gui.conftest import SG2
from visualizer.panels.common import networks, sources


def test_a_source_shows_its_own_picture_whatever_is_done_to_the_shown_one(launch, library):
    pilot = launch(size=(1280, 900))
    pilot.session.edit(sources=(StyleSource(SeedPoint(7), parts=(1.0,)),), layers=(LayerEdit(noise=0.0),) * 7)
    pilot.wait_for_picture()
    pilot.wait_until(lambda: "Pictures of sources" not in [job.name for job in pilot.session.jobs.running])
    expected = Renderer(library(SG2, silent)).render(RenderRequest(latent=SeedPoint(7))).thumbnail
    r = pilot.item("Style mixing/Source S1")
    left, top = int(r.x) + 14, int(r.y) + 4

    def upper_half() -> np.ndarray:
        return pilot.pixels()[top : top + 14, left : left + 28].mean(axis=(0, 1))

    pilot.wait_until(lambda: np.allclose(upper_half(), expected[:16].mean(axis=(0, 1)), atol=6))
    pilot.session.edit(layers=(LayerEdit(muted=True),))
    pilot.step()
    assert "muted" in pilot.value("Style mixing/Hidden")


def test_no_source_has_the_colour_or_the_name_of_a_network():
    assert not {"p0", *networks.COLOURS} & set(sources.COLOURS)
    assert not {"A", *map(letter_of, range(12))} & set(map(source_name, range(12)))


def test_latents_are_told_in_words_a_mixture_by_what_is_most_of_it():
    seeds = [(SeedPoint(float(seed)), weight, None) for seed, weight in ((1, -0.1), (2, 0.5), (3, 0.7), (4, -0.1))]
    for latent, words in (
        (SeedPoint(3.0, 1.0), "Seed 103"), (ZVector((0.0,)), "A z"), (WVector(((0.0,),) * 2), "A w+"),
        (Codes(2, 3, (0,) * 6), "2 × 3 codes"), (mixture(seeds), "Seed 2 – Seed 3"),
        (between(SeedPoint(1.0), ZVector((0.0,)), 0.5), "Seed 1 – A z"), (mixture([(SeedPoint(5.0), 1, 2)]), "Seed 5"),
    ):  # fmt: skip
        assert sources.latent_words(latent, "w") == words
