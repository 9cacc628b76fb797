"""Grids of codes as the latent of a picture: from seeds, between them, mixed, in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.errors import UsageError
from core.documents.document import command_line, from_text, to_text
from core.documents.latents.codes import codes_archive
from core.documents.latents.latents import read_latents
from core.render.blend_renderer import BlendRenderer
from core.render.renderer import Renderer
from core.request import (
    Blend,
    Codes,
    Grid,
    LayerEdit,
    RenderRequest,
    SeedPoint,
    StyleSource,
    Truncation,
    WVector,
    ZVector,
)
from core.request.edits import with_parts
from core.request.grids import array_of, codes_of, grid_of, picture_size, resized, stretched, with_codes
from core.synthesis.codes import Codebook, drawn
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.core.vqgans import small
from tests.small import Opened, stylegan2

NETWORK = small()
OPENED = Opened(NETWORK, NETWORK.info)
CODES = Codes(2, 3, (0, 5, 11, 3, 3, 7))
REQUEST = RenderRequest(latent=CODES)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(OPENED)


def picture_of(codes: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        return synthesize(NETWORK, SynthesisInputs(NETWORK.codebook.embed(torch.from_numpy(codes[None]))))[0]


# ----------------------------------------------------------------------------
# Codes and seeds.


def test_the_picture_of_codes_is_as_large_as_their_grid(renderer: Renderer):
    frame = renderer.render(REQUEST)
    assert frame.pixels.shape == (4, 6, 3)
    assert torch.equal(frame.image, picture_of(array_of(CODES)))
    assert frame.codes == CODES
    assert picture_size(REQUEST, OPENED.info) == (6, 4)


def test_a_seed_draws_codes_that_training_has_used():
    vectors = torch.full((10, 2), 0.05)
    vectors[[2, 5, 6]] = 1.0
    book = Codebook(vectors)
    codes = drawn(book, 7, 20, 30)
    assert set(codes.flatten().tolist()) == {2, 5, 6}
    assert (drawn(book, 7 + 2**32, 20, 30) == codes).all()
    assert (drawn(book, 8, 20, 30) != codes).any()
    assert set(drawn(Codebook(vectors, (6, 1)), 0, 9, 9).flatten().tolist()) == {6}
    assert len(set(drawn(Codebook(vectors * 0), 0, 20, 20).flatten().tolist())) == 10


def test_a_seed_has_a_grid_of_the_usual_size_or_of_the_wanted_one(renderer: Renderer):
    seed = RenderRequest(latent=SeedPoint(3))
    assert grid_of(seed, OPENED.info) == (64, 64)
    frame = renderer.render(replace(seed, grid=Grid(3, 5)))
    assert frame.pixels.shape == (6, 10, 3)
    assert frame.codes is not None
    assert torch.equal(frame.image, picture_of(array_of(frame.codes)))
    assert (array_of(frame.codes) == drawn(NETWORK.codebook, 3, 3, 5)).all()
    for grid in (Grid(513, 1), Grid(512, 512)):
        with pytest.raises(UsageError, match="cannot be made"):
            renderer.render(replace(seed, grid=grid))


def test_between_seeds_vectors_are_blended_or_become_the_nearest_codes(renderer: Renderer):
    request = RenderRequest(latent=SeedPoint(0.25), grid=Grid(3, 4))
    ends = [NETWORK.codebook.vectors[torch.from_numpy(drawn(NETWORK.codebook, seed, 3, 4))] for seed in (0, 1)]
    frame = renderer.render(request)
    between = torch.lerp(ends[0], ends[1], 0.25)
    assert frame.ws is not None
    np.testing.assert_allclose(frame.ws[0], between, atol=1e-6)
    nearest = torch.cdist(between.reshape(12, -1), NETWORK.codebook.vectors).argmin(dim=1).tolist()
    assert frame.codes == Codes(3, 4, tuple(nearest))
    snapped = renderer.render(replace(request, grid=Grid(3, 4, snap=True)))
    assert torch.equal(snapped.image, picture_of(array_of(frame.codes)))
    assert not torch.equal(snapped.image, frame.image)


def test_a_picture_can_take_a_part_of_another_one(renderer: Renderer):
    other = Codes(2, 3, (1,) * 6)
    source = with_parts(StyleSource(other, fraction=0.5), {0: 1.0})
    frame = renderer.render(replace(REQUEST, sources=(source,)))
    both = [NETWORK.codebook.vectors[torch.tensor(codes.indices)].reshape(2, 3, -1) for codes in (CODES, other)]
    assert frame.ws is not None
    np.testing.assert_allclose(frame.ws[0], (both[0] + both[1]) / 2, atol=1e-6)
    assert frame.codes == CODES
    larger = replace(source, latent=Codes(4, 6, (1,) * 24))
    assert torch.equal(renderer.render(replace(REQUEST, sources=(larger,))).image, frame.image)
    seed = replace(source, latent=SeedPoint(5))
    assert renderer.render(replace(REQUEST, sources=(seed,))).pixels.shape == frame.pixels.shape


def test_one_code_changes_the_picture_and_the_same_codes_make_the_same_picture(renderer: Renderer):
    first = renderer.render(REQUEST).image
    painted = renderer.render(replace(REQUEST, latent=with_codes(CODES, {(1, 2): 0}))).image
    assert not torch.equal(painted, first)
    assert torch.equal(painted, picture_of(np.array([[0, 5, 11], [3, 3, 0]])))
    again = renderer.render(replace(REQUEST, latent=Codes(2, 3, CODES.indices)))
    assert torch.equal(again.image, first)
    kept = renderer.render(replace(REQUEST, latent=Codes(2, 3, (*CODES.indices,))))
    assert all(layer.ms == 0 for layer in kept.layers)
    turned = renderer.render(replace(REQUEST, latent=Codes(3, 2, CODES.indices)))
    assert torch.equal(turned.image, picture_of(array_of(CODES).reshape(3, 2)))


def test_truncation_of_another_network_does_nothing(renderer: Renderer):
    assert torch.equal(
        renderer.render(replace(REQUEST, truncation=Truncation(0.2))).image, renderer.render(REQUEST).image
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"latent": ZVector((1.0,))}, "takes codes, not a z"),
        ({"latent": WVector(((1.0,) * 6,))}, "takes codes, not a w"),
        ({"latent": Codes(1, 2, (0, 12))}, "a code 12; this network has codes 0 to 11"),
        ({"latent": Codes(1, 2, (0,))}, "1 codes for a grid of 1 x 2"),
        ({"layers": (LayerEdit(jitter=1.0),)}, "no single w"),
    ],
)
def test_what_a_network_with_codes_cannot_take_is_named(renderer: Renderer, change: dict[str, object], words: str):
    with pytest.raises(UsageError, match=words):
        renderer.render(replace(REQUEST, **change))  # type: ignore[arg-type]


def test_codes_are_nothing_for_another_network():
    with pytest.raises(UsageError, match="which this network does not take"):
        Renderer(stylegan2()).render(REQUEST)


def test_networks_with_codes_can_be_blended():
    other = small(seed=5)
    found = {"other": Opened(other, other.info)}
    renderer = BlendRenderer(OPENED, found.get)
    whole = renderer.render(replace(REQUEST, blends=(Blend("other", (1.0,)),))).image
    none = renderer.render(replace(REQUEST, blends=(Blend("other", (0.0,)),))).image
    assert torch.equal(none, picture_of(array_of(CODES)))
    with torch.no_grad():
        ws = NETWORK.codebook.embed(torch.from_numpy(array_of(CODES)[None]))
        assert torch.equal(whole, synthesize(other, SynthesisInputs(ws))[0])


# ----------------------------------------------------------------------------
# Grids.


def test_a_grid_of_another_size_is_stretched_or_cut_and_extended():
    assert array_of(stretched(CODES, 4, 3)).tolist() == [[0, 5, 11], [0, 5, 11], [3, 3, 7], [3, 3, 7]]
    assert array_of(stretched(CODES, 1, 2)).tolist() == [[0, 5]]
    assert array_of(resized(CODES, 3, 2)).tolist() == [[0, 5], [3, 3], [3, 3]]
    assert array_of(resized(CODES, 1, 4)).tolist() == [[0, 5, 11, 11]]
    assert stretched(CODES, 2, 3) is CODES
    assert codes_of(array_of(CODES)) == CODES
    assert with_codes(CODES, {(0, 0): 9, (1, 1): 8}).indices == (9, 5, 11, 3, 8, 7)


# ----------------------------------------------------------------------------
# As text and in files.


def test_a_request_with_codes_comes_back_equal():
    request = replace(REQUEST, grid=Grid(4, 6, True), sources=(StyleSource(Codes(1, 1, (1023,))),))
    assert from_text(to_text(request), "it").request == request


@pytest.mark.parametrize(
    ("latent", "words"),
    [
        ('{"kind":"codes","rows":2,"columns":2,"indices":[1,2,3]}', "2 x 2 codes in a list"),
        ('{"kind":"codes","rows":1,"columns":2,"indices":[1,-2]}', "whole number from 0"),
        ('{"kind":"codes","rows":0,"columns":2,"indices":[]}', "rows"),
        ('{"kind":"codes","rows":512,"columns":512,"indices":[]}', "too large"),
        ('{"kind":"codes","rows":1,"columns":1}', "indices is missing"),
    ],
)
def test_codes_that_contradict_themselves_are_refused(latent: str, words: str):
    text = f'{{"format": "stylegan-visualizer request", "version": 1, "request": {{"latent": {latent}}}}}'
    with pytest.raises(UsageError, match=words):
        from_text(text, "it")


def test_the_command_line_names_the_grid():
    request = RenderRequest("n.ckpt", SeedPoint(4), grid=Grid(8, 12))
    assert "--seeds 4 --code-grid 8x12" in command_line(request)
    assert "--request" in command_line(replace(request, grid=Grid(8, 12, snap=True)))


def test_codes_are_read_back_from_what_was_written(tmp_path: Path):
    assert OPENED.info.codes is not None
    (tmp_path / "c.npz").write_bytes(codes_archive(CODES, OPENED.info.codes))
    assert read_latents(tmp_path / "c.npz", OPENED.info) == (CODES,)


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (1, 1, 2, 3)])
def test_codes_are_read_in_all_their_shapes(shape: tuple[int, ...], tmp_path: Path):
    np.save(tmp_path / "c.npy", np.array(CODES.indices).reshape(shape))
    assert read_latents(tmp_path / "c.npy", OPENED.info) == (CODES,)


def test_codes_in_a_row_have_the_usual_grid(tmp_path: Path):
    np.save(tmp_path / "c.npy", np.arange(2 * 64 * 64).reshape(2, -1) % 12)
    first, second = read_latents(tmp_path / "c.npy", OPENED.info)
    assert isinstance(first, Codes)
    assert isinstance(second, Codes)
    assert (first.rows, first.columns, first.indices[:14]) == (64, 64, (*range(12), 0, 1))
    assert second.indices[0] == 64 * 64 % 12


def test_published_numbers_of_codes_are_understood(tmp_path: Path):
    info = small(published=(7, 2, 3)).info
    assert info.codes is not None
    np.save(tmp_path / "c.npy", [[0, 2, 1, 3]])  # 3: one that is not among them
    assert read_latents(tmp_path / "c.npy", info) == (Codes(1, 4, (7, 3, 2, 7)),)
    (tmp_path / "c.npz").write_bytes(codes_archive(Codes(1, 3, (3, 11, 7)), info.codes))
    with np.load(tmp_path / "c.npz") as arrays:
        assert arrays["indices"].tolist() == [[[2, 3, 0]]]
    assert read_latents(tmp_path / "c.npz", info) == (Codes(1, 3, (3, 11, 7)),)


def test_codes_of_several_pictures_are_read_in_their_order(tmp_path: Path):
    grid = torch.tensor(CODES.indices).reshape(CODES.rows, CODES.columns)
    for content in ({"a.png": grid, "b.png": grid * 0}, [grid, grid * 0]):
        torch.save(content, tmp_path / "c.pt")
        assert read_latents(tmp_path / "c.pt", OPENED.info) == (CODES, replace(CODES, indices=(0,) * 6))


@pytest.mark.parametrize(
    ("array", "words"),
    [
        ([[0.5, 1]], "needs codes"),
        ([[0, 12]], "codes 0 to 12; this network has codes 0 to 11"),
        ([[-1, 0]], "codes -1 to 0"),
        ([[1e30, 0]], "needs codes"),
        ([0, 1, 2], "needs codes"),
        (np.zeros((2, 0)), "needs codes"),
        (np.zeros((1, 600)), "too large"),
    ],
)
def test_numbers_that_are_no_codes_are_refused(array: object, words: str, tmp_path: Path):
    np.save(tmp_path / "c.npy", np.array(array))
    with pytest.raises(UsageError, match=words):
        read_latents(tmp_path / "c.npy", OPENED.info)
