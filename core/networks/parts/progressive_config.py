"""What decides the structure of progressively grown generators, plain JSON values: StyleGAN and ProGAN."""

from __future__ import annotations

from dataclasses import dataclass

from core.networks.parts.config import MappingConfig


@dataclass(frozen=True)
class Progression:
    """The blocks of a generator, each of twice the resolution of the one before."""

    channels: tuple[int, ...]  # of b4, b8, ...
    image_channels: int = 3
    first_size: tuple[int, int] = (4, 4)  # height, width
    rgb_layers: int = 1  # so many of the last blocks have a layer to RGB
    lod: float = 0.0  # level of detail at which the training ended

    @property
    def max_lod(self) -> int:
        return self.rgb_layers - 1

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The numbers in the names of the blocks."""
        return tuple(4 << i for i in range(len(self.channels)))

    def size(self, index: int) -> tuple[int, int]:
        """Height and width of the feature maps of a block."""
        height, width = self.first_size
        return height << index, width << index

    def level(self, index: int) -> int:
        """The level of detail that a block ends with; 0: the full resolution."""
        return len(self.channels) - 1 - index

    @property
    def picture(self) -> tuple[int, int]:
        """Height and width, at every level of detail."""
        return self.size(len(self.channels) - 1)


@dataclass(frozen=True)
class StyleGan1Config:
    """A StyleGAN generator, and what its implementations do differently."""

    mapping: MappingConfig
    blocks: Progression
    const_input: bool = True  # False: the first features are made of w
    blur_taps: int = 3  # along each axis, of the filter after each up-sampling convolution, an odd number; 0: none
    bias_before_blur: bool = False
    use_noise: bool = True
    shared_noise: bool = False  # both layers of a block have the same noise
    activation: str = "lrelu"
    use_pixel_norm: bool = False
    use_instance_norm: bool = True
    epsilon: float = 1e-8  # of the instance norm
    use_styles: bool = True

    @property
    def num_ws(self) -> int:
        return 2 * len(self.blocks.channels)


@dataclass(frozen=True)
class ProGanConfig:
    """A ProGAN generator (Karras et al. 2018)."""

    z_dim: int
    c_dim: int  # 0: unconditional
    blocks: Progression
    normalize_latents: bool = True
    activation: str = "lrelu"
    first_norm: bool = True  # whether the pixels of the very first features are normalised, too

    @property
    def w_dim(self) -> int:
        """Of its only entry of ws: z, then the class."""
        return self.z_dim + self.c_dim
