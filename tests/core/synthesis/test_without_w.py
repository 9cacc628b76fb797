"""Networks without a W: seeds, their z, psi, mixing and edits of single layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from core.base.errors import UsageError
from core.documents.latents.shapes import latents_of
from core.opening.network import convert, facts
from core.render.blend_renderer import BlendRenderer
from core.render.renderer import Renderer
from core.request import (
    Blend,
    ClassMean,
    Clusters,
    LayerEdit,
    ModelInfo,
    Origin,
    RenderRequest,
    SeedPoint,
    StyleSource,
    Truncates,
    Truncation,
    WVector,
    ZVector,
)
from core.request.seeds import truncated_normal, z_of
from core.synthesis.mapper import ws_of
from tests.fixtures.biggans import CLASSES, EMBED, Z_DIM, deep, plain
from tests.fixtures.samples import FOLDER
from tests.small import Opened

CPU = torch.device("cpu")
REQUEST = RenderRequest(latent=SeedPoint(7.0), label=1)
PARTS = plain(chunks=True)  # each of four layers gets three numbers of z
WIDTH = Z_DIM // 4


def ws(request: RenderRequest, network: Any = PARTS) -> npt.NDArray[np.float32]:
    rows: npt.NDArray[np.float32] = ws_of(network, network.info, request, CPU)[0].numpy()
    return rows


def test_the_z_of_a_seed_is_what_scipy_draws() -> None:
    """scipy.stats.truncnorm.rvs(-2, 2, size=5, random_state=7)"""
    drawn = [-1.3071176786961378, 0.7295992621786254, -0.14789801430569555, 0.5630437493574972, 1.7086366581637615]
    z, label = z_of(7, 5, 10, 2.0)
    assert np.allclose(z, drawn, rtol=1e-6)
    random = np.random.RandomState(7)
    random.random_sample(5)
    assert label == random.randint(10)


def test_a_bounded_z_has_the_distribution_that_it_should() -> None:
    z = truncated_normal(np.linspace(0, 1, 100_001), 2.0)
    assert np.allclose(z[[0, 50_000, -1]], [-2, 0, 2])
    assert np.abs(z).max() <= 2
    assert np.all(np.diff(z) > 0)
    assert abs(z.var() - 0.7737) < 1e-3


def test_each_layer_gets_its_part_of_z_and_the_class() -> None:
    z = np.arange(Z_DIM, dtype=np.float32)
    rows = ws(replace(REQUEST, latent=ZVector(tuple(z.tolist()))))
    assert np.array_equal(rows[:, :WIDTH].ravel(), z)
    embed = PARTS.state_dict()["mapping.embed"].numpy()
    assert np.array_equal(rows[:, WIDTH:], np.repeat(embed[1:2], 4, 0))


def test_without_parts_each_layer_gets_all_of_z() -> None:
    rows = ws(REQUEST, deep())
    assert rows.shape == (5, Z_DIM + EMBED)
    assert np.array_equal(rows, np.repeat(rows[:1], 5, 0))
    assert np.array_equal(rows[0, :Z_DIM], z_of(7, Z_DIM, CLASSES, 2.0)[0])


def test_a_mixture_of_classes_is_a_mixture_of_their_embeddings() -> None:
    embed = PARTS.state_dict()["mapping.embed"].numpy()
    rows = ws(replace(REQUEST, label=(0.25, 0.0, 0.75, 0.0)))
    assert np.allclose(rows[0, WIDTH:], 0.25 * embed[0] + 0.75 * embed[2], rtol=1e-6)


def test_psi_and_cutoff_scale_z_and_leave_the_class() -> None:
    whole, cut = ws(REQUEST), ws(replace(REQUEST, truncation=Truncation(0.5, 2)))
    assert np.array_equal(cut[:2, :WIDTH], whole[:2, :WIDTH] / 2)
    assert np.array_equal(cut[2:], whole[2:])
    assert np.array_equal(cut[:, WIDTH:], whole[:, WIDTH:])


def test_numbers_that_are_given_are_taken_as_they_are() -> None:
    for latent in (ZVector((0.5,) * Z_DIM), WVector(((0.5,) * (WIDTH + EMBED),))):
        request = replace(REQUEST, latent=latent)
        assert np.array_equal(ws(request), ws(replace(request, truncation=Truncation(0.3))))


def test_a_centre_means_nothing() -> None:
    for centre in (ClassMean(), Clusters(4), SeedPoint(5.0)):
        assert np.array_equal(ws(REQUEST), ws(replace(REQUEST, truncation=Truncation(1.0, None, centre))))


def test_between_seeds_z_varies_as_much_as_that_of_a_seed() -> None:
    z = np.array([ws(replace(REQUEST, latent=SeedPoint(x + 0.5, 0.5)))[:, :WIDTH] for x in range(300)])
    assert abs(z.var() - 0.7737) < 0.05
    assert np.allclose(ws(replace(REQUEST, latent=SeedPoint(7.0, 1e-9))), ws(REQUEST), atol=1e-6)


def test_layers_take_their_parts_from_a_source_and_keep_edits() -> None:
    source = StyleSource(SeedPoint(3.0), parts=(0.0, 1.0))
    edited = LayerEdit(offset=(0.5,) * (WIDTH + EMBED))
    plainly, mixed = ws(REQUEST), ws(replace(REQUEST, sources=(source,), layers=(LayerEdit(), LayerEdit(), edited)))
    other = ws(replace(REQUEST, latent=SeedPoint(3.0)))
    assert np.array_equal(mixed[[0, 3]], plainly[[0, 3]])
    assert np.array_equal(mixed[1], other[1])
    assert np.allclose(mixed[2], plainly[2] + 0.5)


def test_a_network_that_truncates_nothing_hears_no_psi() -> None:
    class Deaf:
        """A network that normalises z."""

        info = replace(PARTS.info, truncates=Truncates.NONE)
        map = PARTS.map

    assert np.array_equal(ws(REQUEST), ws(replace(REQUEST, truncation=Truncation(0.5)), Deaf()))


def test_numbers_of_a_file_are_z_where_the_only_layer_gets_z() -> None:
    info = ModelInfo("Fake", "", 1, 1, 3, z_dim=4, w_dim=4, c_dim=0, num_ws=1, ws_names=("z",), has_w=False, z_width=4)
    for shape in ((4,), (1, 4), (1, 1, 4)):
        assert latents_of(np.ones(shape, np.float32), info) == (ZVector((1.0,) * 4),)
    rows = latents_of(np.ones((4, WIDTH + EMBED), np.float32), PARTS.info)
    assert isinstance(rows[0], WVector)


@pytest.mark.parametrize("features", [False, True])
def test_layers_of_another_network_are_mixed_in(features: bool) -> None:
    base, other = deep(), deep()
    for name, tensor in other.state_dict().items():
        if "blocks.2." in name or name.startswith("mapping"):
            tensor.mul_(1.25)
    find = {"other": Opened(other, other.info)}.get
    renderer = BlendRenderer(Opened(base, base.info), find)
    plainly = renderer.render(REQUEST).image
    whole = Blend("other", (1.0,) * 5, 1.0, features)
    alone = Renderer(Opened(other, other.info)).render(REQUEST).image
    assert torch.equal(renderer.render(replace(REQUEST, blends=(whole,))).image, alone)
    part = renderer.render(replace(REQUEST, blends=(replace(whole, weights=(0.0, 0.0, 0.0, 0.5)),))).image
    assert not torch.equal(part, plainly)
    assert not torch.equal(part, alone)


def test_there_is_no_snapshot_of_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no snapshot of one"):
        convert(str(FOLDER / "biggan_ajbrock.pth"), tmp_path / "x.pkl")
    assert not list(tmp_path.iterdir())


def test_the_facts_say_what_psi_does() -> None:
    known = facts(PARTS.info, Origin("x"))
    assert (known["mapping"], known["psi"]) == (False, "scales the z of seeds")
    assert facts(deep().info, Origin("x"))["psi"] == "scales the z of seeds and chooses statistics"
