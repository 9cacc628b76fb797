"""A small network of every kind, with random weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from core.networks.dcgan import DcGan, DcGanConfig
from core.networks.parts.config import StyleGan2Config, StyleGan3Config
from core.networks.r3gan import R3Gan, R3GanConfig, StageConfig
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan2_pytorch import LucidrainsStyleGan2, LucidrainsStyleGan2Config
from core.networks.stylegan3 import StyleGan3
from core.request import NoiseMode
from core.synthesis.generator import Generator, SynthesisInputs
from core.synthesis.noise import draw_noise
from tests.core import reference64, vqgans
from tests.fixtures import biggans
from tests.small import SMALL, progan, stylegan1

STAGES = (StageConfig(12, 2, 24, 3), StageConfig(12, 1, 24, 6), StageConfig(8, 1, 16, 2))


def skip(resolution: int = 32, **options: Any) -> StyleGan2:
    return StyleGan2(StyleGan2Config.official(resolution, **SMALL, **options))


def alias_free(resolution: int = 32, **options: Any) -> StyleGan3:
    return StyleGan3(StyleGan3Config.official(resolution, num_layers=5, **SMALL, **options))


def drawn(network: Any) -> Any:
    """With random numbers throughout."""
    random = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        tensor.normal_(generator=random).mul_(0.5)
        if name.endswith("filter"):
            tensor.abs_().div_(tensor.sum())
    return network.requires_grad_(False).eval()


def scrambled(make: Callable[..., nn.Module], **options: Any) -> Any:
    return reference64.scrambled(make(**options))


STYLEGAN2_AND_3: dict[str, Callable[[], Any]] = {
    "skip": lambda: scrambled(skip),
    "resnet": lambda: scrambled(skip, architecture="resnet"),
    "orig": lambda: scrambled(skip, architecture="orig"),
    "T": lambda: scrambled(alias_free),
    "R": lambda: scrambled(alias_free, kernel=1, radial=True),
}
GROWN: dict[str, Callable[[], Generator]] = {
    "StyleGAN1": lambda: stylegan1().generator,
    "StyleGAN1 without a constant": lambda: stylegan1(const_input=False, blur_taps=0).generator,
    "StyleGAN1 with shared noise": lambda: stylegan1(bias_before_blur=True, shared_noise=True).generator,
    "ProGAN": lambda: progan().generator,
    "ProGAN with classes": lambda: progan(classes=3).generator,
}
OTHERS: dict[str, Callable[[], Generator]] = {
    "BigGAN": lambda: biggans.plain(chunks=True),
    "BigGAN-deep": biggans.deep,
    "R3GAN": lambda: drawn(R3Gan(R3GanConfig(z_dim=6, c_dim=0, embed_width=0, size=(4, 2), stages=STAGES))),
    "DCGAN": lambda: drawn(DcGan(DcGanConfig(size=3, channels=(5, 8, 6, 3)))),
    "stylegan2-pytorch": lambda: drawn(
        LucidrainsStyleGan2(LucidrainsStyleGan2Config(6, (7, 7), 8, channels=(8, 6, 4)))
    ),
    "VQGAN": vqgans.small,
}
NETWORKS = STYLEGAN2_AND_3 | GROWN | OTHERS


def some_inputs(network: Generator, batch: int = 2, lod: float = 0.0) -> SynthesisInputs:
    """With random noise. A network with codes gets a small grid."""
    info = network.info
    grid = (3, 2) if info.codes else ()
    ws = torch.randn(batch, info.num_ws, *grid, info.w_dim, generator=torch.Generator().manual_seed(1))
    maps = draw_noise(network, batch, 4, torch.device("cpu"))
    return SynthesisInputs(ws, NoiseMode.RANDOM if maps else NoiseMode.CONST, maps, noise_key=4, lod=lod)
