"""StyleGAN-XL: a table of classes, and a centre of truncation for each class."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile
from core.families import family_of
from core.loading.common.checkpoint import Node, SavedNetwork, StoredTensor
from core.networks.parts.config import LOOKED_UP, StyleGan3Config
from core.networks.stylegan3 import StyleGan3
from core.opening.network import open_network
from core.request import Blend, Label, Latent, RenderRequest, SeedPoint, StyleSource, Truncation, WVector, ZVector
from core.request.seeds import z_of
from core.synthesis.blending import Blended
from core.synthesis.mapper import Mapper
from tests.core.trees import SMALL, changed, network_of, picture, snapshot, with_attributes
from tests.fixtures.samples import FOLDER

CPU = torch.device("cpu")
CLASSES, COLUMNS = 5, 20
PSI = Truncation(0.5)


@pytest.fixture(scope="module")
def network() -> StyleGan3:
    config = StyleGan3Config.official(16, num_layers=4, c_dim=CLASSES, **SMALL)
    mapping = replace(config.mapping, label=LOOKED_UP, table=(CLASSES, COLUMNS), class_centres=True)
    made: StyleGan3 = network_of(replace(config, mapping=mapping))
    return made


@pytest.fixture(scope="module")
def stem(network: StyleGan3) -> Node:
    """The tree of modules of that network."""
    tree = with_attributes(snapshot(network), path_stem="/must/not/be/opened.pkl")
    mapping = tree.children["mapping"]
    table = replace(mapping.children["embed"], class_name="Embedding")
    mapping = replace(mapping, children={**mapping.children, "embed": table})
    return replace(tree, children={**tree.children, "mapping": mapping})


def ws(network: StyleGan3, latent: Latent, label: Label = None, **parts: Any) -> Tensor:
    request = RenderRequest(latent=latent, label=label, **parts)
    return Mapper(network, network.info, CPU).ws_of(request)


def of(network: StyleGan3, seed: int) -> tuple[Tensor, Tensor]:
    """The w of a seed, and the centre of its class."""
    z, own = z_of(seed, network.info.z_dim, CLASSES)
    return network.map(torch.from_numpy(z)[None], torch.eye(CLASSES)[[own]]), network.mapping.w_avg[own]


# ----------------------------------------------------------------------------
# The mapping.


def test_a_class_is_looked_up_projected_and_normalised(network: StyleGan3) -> None:
    mapping = network.mapping
    z = torch.randn(1, 16, generator=torch.Generator().manual_seed(3))
    table: Any = mapping.get_submodule("embed")
    projection: Any = mapping.get_submodule("embed_proj")
    y = table.weight[2].double() @ projection.weight.double().t() / COLUMNS**0.5 + projection.bias.double()
    y = torch.where(y > 0, y, 0.2 * y) * 2**0.5
    x = torch.cat([x / (x.square().mean() + 1e-8).sqrt() for x in (z[0].double(), y)])
    for i in range(2):
        layer: Any = mapping.get_submodule(f"fc{i}")
        h = x @ layer.weight.double().t() * (0.01 / layer.weight.shape[1] ** 0.5) + layer.bias.double() * 0.01
        x = torch.where(h > 0, h, 0.2 * h) * 2**0.5
    got = network.map(z, torch.eye(CLASSES)[[2]])[0, 0].double()
    assert torch.allclose(got, x, rtol=0, atol=1e-5)


def test_the_panels_have_the_mean_of_the_centres(network: StyleGan3) -> None:
    assert network.info.class_centres
    assert network.info.family == "StyleGAN-XL"
    assert torch.allclose(network.w_avg, network.mapping.w_avg.mean(dim=0))


# ----------------------------------------------------------------------------
# Truncation.


def test_truncation_leads_to_the_centre_of_the_class_of_the_seed(network: StyleGan3) -> None:
    seeds = [seed for seed in range(20) if len({z_of(s, 16, CLASSES)[1] for s in (seed, seed + 1)}) == 2]
    w, centre = of(network, seeds[0])
    assert torch.equal(ws(network, SeedPoint(seeds[0]), truncation=Truncation(0.0))[0, 0], centre)
    assert torch.allclose(ws(network, SeedPoint(seeds[0]), truncation=PSI), centre.lerp(w, 0.5), atol=1e-6)


def test_between_seeds_of_different_classes_each_has_its_own_centre(network: StyleGan3) -> None:
    seed = next(seed for seed in range(20) if z_of(seed, 16, CLASSES)[1] != z_of(seed + 1, 16, CLASSES)[1])
    truncated = [centre.lerp(w, 0.5) for w, centre in (of(network, seed), of(network, seed + 1))]
    got = ws(network, SeedPoint(seed + 0.25), truncation=PSI)
    assert torch.allclose(got, 0.75 * truncated[0] + 0.25 * truncated[1], atol=1e-5)


def test_a_chosen_class_has_its_centre_whatever_the_latent(network: StyleGan3) -> None:
    centre = network.mapping.w_avg[3]
    w = WVector((tuple(torch.ones(16).tolist()),))
    for latent in (SeedPoint(0.5), ZVector((0.5,) * 16), w):
        assert torch.allclose(ws(network, latent, 3, truncation=Truncation(0.0)), centre, atol=1e-6)
    assert torch.allclose(ws(network, w, 3, truncation=PSI), centre.lerp(torch.ones(16), 0.5), atol=1e-6)


def test_a_soft_label_has_the_weighted_mean_of_centres(network: StyleGan3) -> None:
    centres = network.mapping.w_avg
    for label in ((0.25, 0.75, 0.0, 0.0, 0.0), (1.0, 3.0, 0.0, 0.0, 0.0)):
        got = ws(network, SeedPoint(1), label, truncation=Truncation(0.0))[0, 0]
        assert torch.allclose(got, 0.25 * centres[0] + 0.75 * centres[1], atol=1e-6)
    nothing = ws(network, SeedPoint(1), (0.0,) * CLASSES, truncation=Truncation(0.0))[0, 0]
    assert torch.allclose(nothing, network.w_avg, atol=1e-6)


def test_a_w_without_a_class_has_the_mean_of_all_centres(network: StyleGan3) -> None:
    w = WVector((tuple(torch.ones(16).tolist()),))
    assert torch.allclose(ws(network, w, truncation=Truncation(0.0)), network.w_avg, atol=1e-6)


def test_each_source_of_styles_has_the_centre_of_its_class(network: StyleGan3) -> None:
    source = StyleSource(SeedPoint(7), label=4, parts=(0.0, 1.0))
    got = ws(network, SeedPoint(1), 2, truncation=Truncation(0.0), sources=(source,))[0]
    assert torch.equal(got[0], network.mapping.w_avg[2])
    assert torch.equal(got[1], network.mapping.w_avg[4])


def test_without_truncation_nothing_changes(network: StyleGan3) -> None:
    w, _ = of(network, 4)
    assert torch.equal(ws(network, SeedPoint(4)), w)
    cut = ws(network, SeedPoint(4), truncation=Truncation(0.3, cutoff=2))
    assert torch.equal(cut[:, 2:], w[:, 2:])


def test_a_network_that_is_blended_in_brings_its_centres(network: StyleGan3) -> None:
    other = StyleGan3(network.config)
    other.load_state_dict({name: tensor + 1 for name, tensor in network.state_dict().items()})
    mixed = Blended(network, (other,))
    c = torch.eye(CLASSES)[[2]]
    for part in (0.0, 0.5, 1.0):
        mixed.blend(RenderRequest(blends=(Blend("other", mapping=part),)))
        assert torch.allclose(mixed.centre(c), network.mapping.w_avg[[2]] + part, atol=1e-6)
        assert torch.allclose(mixed.w_avg, network.w_avg + part, atol=1e-6)


# ----------------------------------------------------------------------------
# Files.


def test_a_snapshot_gives_the_network_that_it_was_made_of(network: StyleGan3, stem: Node) -> None:
    family = family_of(stem)
    assert family.describe(stem) == network.info
    built, notes = family.build(stem)
    assert notes == ()
    assert torch.equal(picture(built), picture(network))


def test_of_a_larger_table_the_rows_of_the_classes_are_used(network: StyleGan3, stem: Node) -> None:
    rows = np.concatenate([stem.children["mapping"].children["embed"].tensors["weight"].array, np.ones((3, COLUMNS))])
    content = changed(stem, "mapping.embed", tensors={"weight": StoredTensor(rows, "float32")})
    built, notes = family_of(content).build(content)
    assert notes == ()
    assert torch.equal(picture(built), picture(network))


def test_without_classes_the_table_is_left_over() -> None:
    plain = network_of(StyleGan3Config.official(16, num_layers=4, **SMALL))
    tree = snapshot(plain)
    table = Node("Embedding", {}, {"weight": StoredTensor(np.ones((7, COLUMNS), np.float32), "float32")})
    mapping = replace(tree.children["mapping"], children={**tree.children["mapping"].children, "embed": table})
    content = replace(tree, children={**tree.children, "mapping": mapping})
    built, notes = family_of(content).build(content)
    assert notes == ("Tensors that this network does not use were left out: `mapping.embed.weight`.",)
    assert built.info == plain.info
    assert torch.equal(picture(built), picture(plain))


def test_the_layers_of_a_super_resolution_are_those_that_it_names() -> None:
    network = open_network(str(FOLDER / "xl_superres_cond.pkl"))
    names = [step.name for step in network.generator.steps]
    assert names[:6] == ["input", "L0_36_12", "L1_36_12", "L2_36_12", "L3_36_12", "L5_36_12"]
    assert network.info.num_ws == 10
    assert (network.info.width, network.info.c_dim) == (32, 7)
    assert network.origin.notes == ()


@pytest.mark.parametrize(
    ("path", "tensors", "attributes", "kind", "words"),
    [
        ("mapping.embed", {"weight": (3, COLUMNS)}, {}, CheckpointError, r"\[3, 20\], does not fit 5 classes"),
        ("mapping.embed", {"weight": (CLASSES, 9)}, {}, CheckpointError, "width of its table of classes: 20 and 9"),
        ("mapping.embed_proj", {}, {"weight_gain": 2.0}, UnsupportedFile, "scales its weights"),
        ("mapping.embed_proj", {}, {"activation": "linear"}, CheckpointError, "activation of the mapping"),
        ("mapping", {"w_avg": (7, 16)}, {}, CheckpointError, r"`mapping.w_avg` has the shape \(7, 16\)"),
    ],
)
def test_what_does_not_fit_is_named(
    stem: Node,
    path: str,
    tensors: dict[str, tuple[int, ...]],
    attributes: dict[str, Any],
    kind: type[CheckpointError],
    words: str,
) -> None:
    others = {name: StoredTensor(np.zeros(shape, np.float32), "float32") for name, shape in tensors.items()}
    content = changed(stem, path, tensors=others, **attributes)
    with pytest.raises(kind, match=words):
        family_of(content).build(content)


@pytest.mark.parametrize(
    ("member", "value"),
    [("label", "odd"), ("table", []), ("table", [3, 20]), ("table", [5]), ("class_centres", "yes"), ("c_dim", 0)],
)
def test_a_saved_network_with_a_wrong_member_is_refused(network: StyleGan3, member: str, value: object) -> None:
    saved = family_of(SavedNetwork("stylegan3", {}, {})).save(network)
    assert saved is not None
    config: dict[str, Any] = asdict(network.config)
    wrong = {**config, "mapping": {**config["mapping"], member: value}}
    with pytest.raises(CheckpointError):
        family_of(saved).build(SavedNetwork("stylegan3", wrong, saved.tensors))


def test_a_saved_network_of_an_earlier_version_has_embedded_labels() -> None:
    network = network_of(StyleGan3Config.official(16, num_layers=4, c_dim=2, **SMALL))
    saved = family_of(SavedNetwork("stylegan3", {}, {})).save(network)
    assert saved is not None
    config: dict[str, Any] = asdict(network.config)
    config["mapping"] = {k: v for k, v in config["mapping"].items() if k not in ("label", "table", "class_centres")}
    built, _ = family_of(saved).build(SavedNetwork("stylegan3", config, saved.tensors))
    assert torch.equal(picture(built), picture(network))
