"""The renderer: equal requests, faults of networks and devices, memory, what is freed."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import BadOutput, Cancelled, DeviceError, OutOfMemory, UsageError
from core.display.images import to_pixels
from core.render.renderer import Renderer
from core.request import Noise, NoiseMode, RenderRequest, SeedPoint, Truncation, ZVector
from tests.small import Opened, Scripted, mixed, opened, stylegan2, stylegan3

REQUEST = RenderRequest(latent=SeedPoint(3.5, 1.0))


def out_of_memory() -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")


# ----------------------------------------------------------------------------
# Equal requests, equal pictures.


@pytest.mark.parametrize("network", [stylegan2(), stylegan3()], ids=["StyleGAN2", "StyleGAN3"])
def test_equal_requests_give_equal_frames(network: Opened):
    request = replace(REQUEST, noise=Noise(NoiseMode.RANDOM, 4), truncation=Truncation(0.7, 3))
    again = replace(REQUEST, noise=Noise(NoiseMode.RANDOM, 4), truncation=Truncation(0.7, 3))
    first, second = Renderer(network).render(request), Renderer(network).render(again)
    assert torch.equal(first.image, second.image)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.thumbnail, second.thumbnail)


def test_a_frame_says_what_it_is_of():
    network = stylegan2()
    frame = Renderer(network).render(REQUEST)
    assert frame.request is REQUEST
    assert frame.image.shape == (3, 32, 32)
    assert frame.image.dtype == torch.float32
    assert frame.pixels.shape == (32, 32, 3)
    assert frame.layers[-1].name == "output"
    assert frame.layers[-1].shape == (1, 3, 32, 32)
    assert frame.timing.map_ms > 0
    assert sum(layer.ms for layer in frame.layers) <= frame.timing.synthesis_ms
    assert frame.device.startswith("CPU")
    assert not frame.notes


def test_a_frame_is_not_changed_by_the_frames_after_it():
    renderer = Renderer(stylegan2())
    frame = renderer.render(REQUEST)
    image, pixels = frame.image.clone(), frame.pixels.copy()
    for seed in range(3):
        renderer.render(replace(REQUEST, sources=mixed(seed, frozenset({6, 7}))))
    assert torch.equal(frame.image, image)
    np.testing.assert_array_equal(frame.pixels, pixels)


def test_random_noise_is_of_its_seed():
    renderer = Renderer(stylegan2())

    def image(mode: NoiseMode, seed: int = 0) -> Tensor:
        return renderer.render(replace(REQUEST, noise=Noise(mode, seed))).image

    one, two, const, none = image(NoiseMode.RANDOM, 1), image(NoiseMode.RANDOM, 2), image(NoiseMode.CONST), None
    none = image(NoiseMode.NONE)
    assert torch.equal(image(NoiseMode.RANDOM, 1), one)
    assert len({float(x.double().sum()) for x in (one, two, const, none)}) == 4


def test_a_network_without_noise_ignores_it():
    renderer = Renderer(stylegan3())
    image = renderer.render(REQUEST).image
    assert torch.equal(renderer.render(replace(REQUEST, noise=Noise(NoiseMode.RANDOM, 3))).image, image)


def test_a_class_for_a_network_without_classes_is_ignored_with_a_note():
    renderer = Renderer(stylegan2())
    frame = renderer.render(replace(REQUEST, label=2))
    assert torch.equal(frame.image, renderer.render(REQUEST).image)
    assert frame.notes == ("This network has no classes; the class was ignored.",)


def test_what_does_not_fit_is_refused_and_the_next_frame_is_right():
    renderer = Renderer(stylegan2())
    image = renderer.render(REQUEST).image
    with pytest.raises(UsageError, match="z has 1 numbers"):
        renderer.render(replace(REQUEST, latent=ZVector((1.0,))))
    assert torch.equal(renderer.render(REQUEST).image, image)


def test_pixels_are_scaled_clipped_and_cut():
    image = torch.tensor([-9.0, -1.0, -0.5, 0.0, 0.5, 0.99, 1.0, 9.0]).view(1, 2, 4)
    assert to_pixels(image).ravel().tolist() == [0, 0, 64, 128, 191, 254, 255, 255]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pictures_of_any_number_of_channels_have_pixels(channels: int):
    frame = Renderer(stylegan2(128, image_channels=channels)).render(REQUEST)
    assert frame.pixels.shape == (128, 128, channels)
    assert frame.thumbnail.shape == (64, 64, channels)


# ----------------------------------------------------------------------------
# Networks that fail.


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_damaged_weight_is_found_and_its_layer_named(value: float):
    network = stylegan2(conv_clamp=None)
    network.generator.synthesis.b16.conv0.bias.fill_(value)  # type: ignore[attr-defined]
    with pytest.raises(BadOutput, match=r"first in layer b16\.conv0;"):
        Renderer(network).render(REQUEST)


def test_a_network_that_was_repaired_renders_again():
    network = stylegan2()
    bias = network.generator.synthesis.b16.conv0.bias  # type: ignore[attr-defined]
    renderer, healthy = Renderer(network), bias.clone()
    image = renderer.render(REQUEST).image
    bias.fill_(float("nan"))
    with pytest.raises(BadOutput):
        renderer.render(replace(REQUEST, noise=Noise(NoiseMode.NONE)))
    bias.copy_(healthy)
    assert torch.equal(renderer.render(REQUEST).image, image)


def test_an_extreme_psi_is_refused_in_words():
    with pytest.raises(BadOutput, match="reset psi"):
        Renderer(stylegan2()).render(replace(REQUEST, truncation=Truncation(1e38)))


def test_too_little_memory_once_is_not_noticed():
    generator = Scripted(faults=[out_of_memory()])
    image = Renderer(opened(generator)).render(REQUEST).image
    assert torch.equal(image, Renderer(opened(Scripted())).render(REQUEST).image)
    assert generator.runs == ["a", "b", "a", "b", "c"]


def test_after_too_little_memory_no_activations_are_kept():
    generator = Scripted(faults=[out_of_memory()])
    renderer = Renderer(opened(generator))
    renderer.render(REQUEST)
    generator.runs.clear()
    renderer.render(replace(REQUEST, sources=mixed(1, frozenset({2}))))
    assert generator.runs == ["a", "b", "c"]


@pytest.mark.parametrize("error", [out_of_memory, MemoryError, lambda: RuntimeError("can't allocate memory: 9 GB")])
def test_too_little_memory_for_good_is_said_in_words(error: Any):
    renderer = Renderer(opened(Scripted(faults=[error(), error()])))
    with pytest.raises(OutOfMemory, match=r"CPU .* has too little memory for this network at 8 x 8; close other"):
        renderer.render(REQUEST)
    assert renderer.render(REQUEST).image.shape == (1, 8, 8)


def test_another_error_passes_through_and_the_next_frame_is_right():
    generator = Scripted(faults=[RuntimeError("broken")])
    renderer = Renderer(opened(generator))
    with pytest.raises(RuntimeError, match="broken"):
        renderer.render(REQUEST)
    assert torch.equal(renderer.render(REQUEST).image, Renderer(opened(Scripted())).render(REQUEST).image)


def test_a_tap_may_stop_a_frame():
    generator = Scripted()

    def stop(name: str, x: Tensor) -> Tensor:
        raise Cancelled

    with pytest.raises(Cancelled):
        Renderer(opened(generator)).render(REQUEST, stop)
    assert generator.runs == ["a"]


# ----------------------------------------------------------------------------
# Devices.


def test_a_device_that_does_not_exist_is_named():
    renderer = Renderer(opened(Scripted()), device="abacus")
    with pytest.raises(DeviceError, match="'abacus' is not a device; use one of auto, "):
        renderer.render(REQUEST)


def test_a_device_that_does_not_exist_gives_way_to_the_cpu_with_a_note():
    renderer = Renderer(opened(Scripted()), device="cuda:99", fallback=True)
    for _ in range(2):
        frame = renderer.render(REQUEST)
        assert frame.device.startswith("CPU")
        assert len(frame.notes) == 1
        assert frame.notes[0].startswith("Running on the CPU instead of cuda:99. cuda:99 cannot be used here")


def test_weights_are_moved_on_the_first_frame_only():
    generator = Scripted()
    renderer = Renderer(opened(generator))
    assert not generator.moves
    renderer.render(REQUEST)
    renderer.render(replace(REQUEST, latent=SeedPoint(1)))
    assert generator.moves == ["cpu"]


def test_weights_that_do_not_fit_a_device_are_said_in_words():
    renderer = Renderer(opened(Scripted(refused=("cpu",))))
    with pytest.raises(OutOfMemory, match="cpu has too little memory for this network at 8 x 8"):
        renderer.render(REQUEST)


# ----------------------------------------------------------------------------
# Memory.


def test_a_dropped_renderer_frees_the_network_and_its_tensors_at_once():
    network = stylegan2()
    renderer = Renderer(network)
    seen: list[weakref.ref[Any]] = [weakref.ref(network.generator), weakref.ref(renderer)]

    def watch(name: str, x: Tensor) -> Tensor:
        seen.append(weakref.ref(x))
        return x

    gc.disable()
    try:
        renderer.render(REQUEST, watch)
        with pytest.raises(UsageError):
            renderer.render(replace(REQUEST, latent=ZVector((1.0,))))
        del network, renderer
        assert len(seen) > 10
        assert all(ref() is None for ref in seen)
    finally:
        gc.enable()


def test_a_kept_error_of_too_little_memory_holds_no_tensors():
    generator = Scripted(faults=[out_of_memory(), out_of_memory()])
    seen: list[weakref.ref[Any]] = []

    def watch(name: str, x: Tensor) -> Tensor:
        seen.append(weakref.ref(x))
        return x

    with pytest.raises(OutOfMemory) as caught:
        Renderer(opened(generator)).render(REQUEST, watch)
    assert caught.value.__cause__ is not None
    assert seen
    assert all(ref() is None for ref in seen)
