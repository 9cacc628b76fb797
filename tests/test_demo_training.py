"""The scripts that make the demo networks: the painter, the batched synthesis, and one step of each training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.opening.network import open_network
from core.request import NoiseMode
from core.synthesis.generator import SynthesisInputs, synthesize
from resources.demo import batched, train, train_r
from resources.demo.looks import LOOKS, Grain
from resources.demo.painter import ATTRIBUTES, COARSE, FINE, MIDDLE, paint
from resources.demo.shapes import Points, grid
from resources.demo.trainer import Options, orthogonalized

CPU = torch.device("cpu")


def random_of(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def options(tmp_path, minutes: float = 60.0) -> Options:
    return Options(minutes, tmp_path, CPU, seed=0, compiled=False)


@pytest.fixture
def small_batches(monkeypatch):
    """What a step does, it does with few pictures, too."""
    for name, recipe in train.RECIPES.items():
        phases = tuple(replace(phase, batch=2) for phase in recipe.phases)
        monkeypatch.setitem(train.RECIPES, name, replace(recipe, phases=phases))


def attributes(**values: float) -> torch.Tensor:
    row = torch.zeros(1, len(ATTRIBUTES))
    for name, value in values.items():
        row[0, ATTRIBUTES.index(name)] = value
    return row


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_changes_the_portrait(name):
    low, high = (paint(attributes(**{name: value}), grid(48)).lit for value in (-0.9, 0.9))
    assert (low - high).abs().max() > 0.02


def test_a_portrait_is_the_same_at_single_points_as_in_a_picture():
    look = torch.rand(2, len(ATTRIBUTES), generator=random_of()) * 2 - 1
    whole = paint(look, grid(32)).lit
    at = grid(32)
    x, y = torch.broadcast_tensors(at.x, at.y)
    points = paint(look, Points(x.reshape(1, -1), y.reshape(1, -1), at.pixel)).lit
    torch.testing.assert_close(points.reshape(whole.shape), whole, rtol=0, atol=1e-5)


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_follows_the_noise_or_leaves_it(look):
    drawing = paint(attributes(), grid(64))
    pictures = [
        LOOKS[look](drawing, Grain([torch.randn(1, 1, 64, 64, generator=random_of(s))] * 2, drawing.lit))
        for s in (0, 1)
    ]
    assert pictures[0].shape == (1, 3, 64, 64)
    assert all(torch.isfinite(p).all() for p in pictures)
    assert torch.equal(*pictures) == (look == "poster")


def test_mixed_latents_take_each_group_of_attributes_from_its_own_latent():
    z = torch.randn(3, 1, train.Z_DIM, generator=random_of())
    own = [train.attributes_of(z[i].expand(3, 1, -1)) for i in range(3)]
    mixed = train.attributes_of(z)
    first, second = len(COARSE), len(COARSE + MIDDLE)
    assert torch.equal(mixed[:, :first], own[0][:, :first])
    assert torch.equal(mixed[:, first:second], own[1][:, first:second])
    assert torch.equal(mixed[:, second:], own[2][:, second:])
    assert len(FINE) == mixed.shape[1] - second


def test_half_of_a_batch_differs_from_the_other_half_in_small_attributes_only():
    one, other = train.draw_batch(12, 64, 2, random_of()).z.chunk(2, dim=1)
    changed = (one != other).any(1).any(0).nonzero().flatten().tolist()
    assert [ATTRIBUTES[i] for i in changed] == list(train.SMALL)


def test_an_error_that_both_of_a_pair_have_does_not_count_in_their_difference():
    alike = torch.randn(1, 3, 8, 8, generator=random_of()).repeat(2, 1, 1, 1)
    assert train.between_pairs(alike) == 0
    assert train.between_pairs(torch.cat([alike[:1], -alike[:1]])) > 0


def test_psi_0_is_the_portrait_of_all_attributes_0():
    z = torch.randn(3, 2, train.Z_DIM, generator=random_of())
    assert torch.equal(train.attributes_of(z, 0.0), torch.zeros(2, len(ATTRIBUTES)))


def test_the_batched_synthesis_is_that_of_the_program():
    network = train.new_network("portraits", 3)
    with torch.no_grad():
        for block in batched.blocks_of(network):
            assert block.torgb is not None
            block.torgb.reset(random_of(1))
            for layer in (block.conv0, block.conv1):
                if layer is not None and block.name in {"b64", "b128"}:
                    layer.noise_strength.fill_(0.3)
        ws = torch.randn(2, network.info.num_ws, train.W_DIM, generator=random_of())
        maps = tuple(torch.randn(2, 1, h, w, generator=random_of(h)) for h, w in network.noise_shapes)
        wanted = synthesize(network, SynthesisInputs(ws, NoiseMode.RANDOM, maps))
        fine = [m for m in maps if m.shape[-1] in batched.NOISY]
        found = batched.stylegan2(network, ws, fine, len(network.config.channels), torch.float32)
    torch.testing.assert_close(found, wanted, rtol=0, atol=2e-5 * float(wanted.abs().max()))


def test_an_orthogonalised_matrix_has_equal_singular_values():
    matrix = torch.randn(24, 60, generator=random_of())
    values = torch.linalg.svdvals(orthogonalized(matrix)) / 60**0.5
    assert 0.6 < values.min() < values.max() < 1.3


def test_points_without_filters_are_near_the_filtered_picture_of_a_smooth_network():
    network = train_r.new_network(0)
    ws = torch.zeros(1, network.info.num_ws, train.W_DIM)
    plane = grid(128, CPU)
    x, y = torch.broadcast_tensors(plane.x, plane.y)
    with torch.no_grad():
        train_r.source_of(network).freqs.mul_(0.05)  # so low that the filters leave everything
        points = train_r.at_points(network, ws, x.reshape(1, -1), y.reshape(1, -1)).reshape(1, 3, 128, 128)
        picture = synthesize(network, SynthesisInputs(ws))
    assert (points - picture).abs().mean() < 0.02 * picture.abs().mean()


def test_the_equivariant_network_starts_with_the_mapping_of_the_portraits_in_reach_of_its_layers(tmp_path):
    network, portraits = train_r.new_network(0), train.trained(tmp_path, "portraits")
    train_r.start_from(network, portraits)
    z = torch.randn(500, train.Z_DIM, generator=random_of())
    with torch.no_grad():
        first = network.get_parameter("mapping.fc0.weight")
        assert float(first[:, : len(ATTRIBUTES)].norm(dim=0).min()) > train_r.LEAST_NORM - 0.01
        w, known = network.map(z, None)[:, 0], portraits.map(z, None)[:, 0]
        assert 0.7 < float((w - network.w_avg).square().mean().sqrt()) < 1.5
        assert float(torch.corrcoef(torch.stack([w.flatten(), known.flatten()]))[0, 1]) > 0.95
        for layer in train_r.layers_of(network):
            assert (layer.affine(network.w_avg[None]) - 1).abs().max() < 0.01


def test_points_are_learned_in_bfloat16_near_what_they_are():
    network = train_r.new_network(0)
    ws = torch.randn(2, network.info.num_ws, train.W_DIM, generator=random_of())
    x, y = torch.rand(2, 2, 50, generator=random_of()) * 2 - 1
    with torch.no_grad():
        exact = train_r.at_points(network, ws, x, y)
        learned = train_r.at_points(network, ws, x, y, learning=True)
    assert 0 < (learned - exact).abs().mean() < 0.05 * exact.abs().mean()


def test_one_step_trains_the_portraits_and_the_run_can_be_resumed(tmp_path, small_batches):
    trainer = train.PortraitTrainer("portraits", options(tmp_path))
    before = {k: v.detach().clone() for k, v in trainer.network.state_dict().items()}
    assert 0 < trainer.step(random_of()) < 10
    after = trainer.network.state_dict()
    assert not torch.equal(before["synthesis.b4.conv1.weight"], after["synthesis.b4.conv1.weight"])
    assert not torch.equal(before["mapping.fc0.weight"], after["mapping.fc0.weight"])
    trainer.save()
    again = train.PortraitTrainer("portraits", options(tmp_path))
    assert again.state.step == 1
    assert torch.equal(again.network.state_dict()["synthesis.b4.conv1.weight"], after["synthesis.b4.conv1.weight"])


def test_a_finished_run_is_a_network_that_the_program_opens_and_others_start_from(tmp_path, small_batches):
    trainer = train.PortraitTrainer("portraits", options(tmp_path))
    trainer.save()
    trainer.export(tmp_path / "portraits.safetensors")
    opened = open_network(str(tmp_path / "portraits.safetensors"))
    assert (opened.info.width, opened.info.num_ws, opened.info.has_noise) == (128, 12, True)
    base = train.trained(tmp_path, "portraits")
    styles = train.PortraitTrainer("styles", options(tmp_path))
    assert styles.generator.info.c_dim == 4
    assert torch.equal(*(network.state_dict()["synthesis.b4.const"] for network in (styles.generator, base)))
    assert 0 < styles.step(random_of()) < 10


def test_one_step_trains_the_equivariant_network_and_the_run_is_a_network_that_moves(tmp_path):
    trainer = train_r.EquivariantTrainer(options(tmp_path))
    weight = train_r.layers_of(trainer.generator)[0].weight
    before = weight.detach().clone()
    assert 0 < trainer.step(random_of()) < 10
    assert not torch.equal(before, weight)
    trainer.save()
    trainer.export(tmp_path / "portraits-r.safetensors")
    assert open_network(str(tmp_path / "portraits-r.safetensors")).info.has_transform


@pytest.mark.parametrize("look", LOOKS)
def test_the_painter_stays_on_the_device_it_is_given(look):
    other = torch.device("meta")
    drawing = paint(attributes().to(other), grid(32, other))
    assert LOOKS[look](drawing, Grain((), drawing.lit)).device == other


def test_a_run_that_resumes_in_the_next_phase_hands_the_colours_over(tmp_path, small_batches):
    trainer = train.PortraitTrainer("portraits", options(tmp_path, minutes=60))
    trainer.step(random_of())
    trainer.state.seconds = 0.3 * 3600
    trainer.save()
    again = train.PortraitTrainer("portraits", options(tmp_path, minutes=60))
    assert again.phase() == "64²"
    handed_over = again.generator.state_dict()["synthesis.b4.torgb.bias"]
    handed_over.fill_(1.0)
    again.step(random_of())
    assert handed_over.abs().max() < 0.5
    again.network.state_dict()["synthesis.b4.torgb.bias"].fill_(1.0)
    again.step(random_of())
    assert handed_over.min() > 0.5
