"""A small network made from a seed, for when no file is open: abstract pictures in which everything can be moved."""

from __future__ import annotations

import torch

from core.networks.parts.config import MappingConfig, StyleGan2Config
from core.networks.parts.layers import random_weights
from core.networks.stylegan2 import Block, StyleGan2
from core.synthesis.generator import Generator, SynthesisInputs, synthesize

Z_DIM = 64
BIAS = 0.2  # of the convolutions, which bends the shapes
CHANNELS = (96, 96, 80, 64, 48, 32, 16, 8, 8, 8, 8)  # of b4, b8, ...
MAPPING_LAYERS = 4
STYLE_GAIN = 3.0  # how much more than an untrained network the styles differ between seeds
NOISE = 0.6  # strength of the stored noise in the first block
FINE_NOISE = 0.6  # and that of each next block, relative to the one before
FINE_RGB = 0.75  # what each next resolution adds to the picture, relative to the one before
CONTRAST = 0.6  # standard deviation of the pictures; their range is -1..1
PROBES = 16  # pictures that the brightness is measured on
W_AVG_SAMPLES = 1000


def seeded_stylegan2(seed: int, resolution: int = 256) -> Generator:
    """A StyleGAN2 network on the CPU; equal seeds give equal networks. `resolution` is a power of two, 8 to 4096.

    Raises ValueError for another resolution.
    """
    if resolution not in (8 << i for i in range(len(CHANNELS) - 1)):
        raise ValueError(f"a resolution is a power of two from 8 to {4 << (len(CHANNELS) - 1)}, not {resolution}")
    mapping = MappingConfig(z_dim=Z_DIM, c_dim=0, widths=(Z_DIM,) * MAPPING_LAYERS)
    network = StyleGan2(StyleGan2Config(mapping, CHANNELS[: resolution.bit_length() - 2]))
    random_weights(network, seed)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for i, resolution_name in enumerate(network.config.resolutions):
            block = network.synthesis.get_submodule(f"b{resolution_name}")
            assert isinstance(block, Block)
            _tune(block, FINE_RGB**i, NOISE * FINE_NOISE**i, random)
        network.mapping.estimate_w_avg(W_AVG_SAMPLES)
        _expose(network, random)
    return network.eval()


def _tune(block: Block, rgb_gain: float, noise: float, random: torch.Generator) -> None:
    for layer in (block.conv0, block.conv1):
        if layer is not None:
            layer.affine.weight.mul_(STYLE_GAIN)
            layer.bias.normal_(generator=random).mul_(BIAS)
            layer.noise_strength.fill_(noise)
    if block.torgb is not None:
        block.torgb.affine.weight.mul_(STYLE_GAIN)
        block.torgb.weight.mul_(rgb_gain)


def _expose(network: StyleGan2, random: torch.Generator) -> None:
    """Give the pictures a mean of 0 in every channel, and the contrast of photographs."""
    ws = network.map(torch.randn(PROBES, Z_DIM, generator=random), None)
    blocks = [network.synthesis.get_submodule(f"b{r}") for r in network.config.resolutions]
    pictures = torch.cat([synthesize(network, SynthesisInputs(w[None])) for w in ws])
    gain = CONTRAST / float(pictures.std())
    mean = pictures.mean(dim=(0, 2, 3))
    for block in blocks:
        assert isinstance(block, Block)
        assert block.torgb is not None
        block.torgb.weight.mul_(gain)
    last = blocks[-1]
    assert isinstance(last, Block)
    assert last.torgb is not None
    last.torgb.bias.copy_(-gain * mean)
