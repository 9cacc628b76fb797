"""What decides the structure of a generator: plain JSON values, and the published rules that derive them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# How a mapping network takes a label.
EMBEDDED = "embedded"  # through a fully connected layer, then normalised
CONCATENATED = "concatenated"  # through a matrix, then normalised together with z
LOOKED_UP = "looked up"  # in a table, then through a fully connected layer, then normalised
MISSING = "missing"  # in a way that its file does not have: only its average w is known
LABELS = (EMBEDDED, CONCATENATED, LOOKED_UP, MISSING)
NO_EMBEDDING = (
    "The mapping of this network reads a class beside z, and how it embeds classes is not in the file: every seed and "
    "every z gives the average w. A w of your own works as ever."
)


@dataclass(frozen=True)
class MappingConfig:
    """The mapping network from z and a label c to w."""

    z_dim: int
    c_dim: int  # 0: unconditional
    widths: tuple[int, ...]  # outputs of fc0, fc1, ...; the last is w_dim
    embed_width: int = 0  # of the label; 0 if there are no classes
    activation: str = "lrelu"
    lr: float = 0.01  # learning-rate factor
    label: str = EMBEDDED
    table: tuple[int, ...] = ()  # rows and columns of the one in which labels are looked up
    class_centres: bool = False  # w_avg has a row for each class
    normalize: bool = True  # z, before anything else

    @property
    def w_dim(self) -> int:
        return self.widths[-1]

    @property
    def no_z(self) -> str:
        """Why no z and no seed tells it a w; "": they do."""
        return NO_EMBEDDING if self.label == MISSING else ""


# ----------------------------------------------------------------------------
# StyleGAN2.


@dataclass(frozen=True)
class StyleGan2Config:
    """A StyleGAN2 generator (Karras et al. 2020)."""

    mapping: MappingConfig
    channels: tuple[int, ...]  # of the blocks b4, b8, ...
    image_channels: int = 3
    const_size: tuple[int, int] = (4, 4)  # height, width
    architecture: str = "skip"  # or "resnet", "orig"
    fp16_blocks: tuple[bool, ...] = ()  # empty: none
    conv_clamp: float | None = None
    activation: str = "lrelu"
    use_noise: bool = True
    filter_shape: tuple[int, ...] = (4, 4)  # of the resampling filter

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The numbers in the names of the blocks."""
        return tuple(4 << i for i in range(len(self.channels)))

    @property
    def num_ws(self) -> int:
        return 2 * len(self.channels)

    def block_size(self, index: int) -> tuple[int, int]:
        """Height and width of the feature maps of a block."""
        h, w = self.const_size
        return h << index, w << index

    def is_half(self, index: int) -> bool:
        """Whether a block was trained in float16."""
        return bool(self.fp16_blocks) and self.fp16_blocks[index]

    @classmethod
    def official(
        cls,
        resolution: int,
        *,
        channel_base: int = 32768,
        channel_max: int = 512,
        image_channels: int = 3,
        z_dim: int = 512,
        w_dim: int = 512,
        c_dim: int = 0,
        mapping_layers: int = 8,
        num_fp16_res: int = 4,
        conv_clamp: float | None = 256.0,
        architecture: str = "skip",
        const_size: tuple[int, int] = (4, 4),
    ) -> StyleGan2Config:
        """As the published training code derives it from its options. `resolution` is a power of two."""
        resolutions = [4 << i for i in range(resolution.bit_length() - 2)]
        first_half = max(resolution * 2 >> num_fp16_res, 8)
        return cls(
            mapping=MappingConfig(z_dim, c_dim, (w_dim,) * mapping_layers, w_dim if c_dim else 0),
            channels=tuple(min(channel_base // r, channel_max) for r in resolutions),
            image_channels=image_channels,
            const_size=const_size,
            architecture=architecture,
            fp16_blocks=tuple(r >= first_half for r in resolutions),
            conv_clamp=conv_clamp,
        )


# ----------------------------------------------------------------------------
# StyleGAN3. Sizes are width, height; rates, cutoffs and half-widths are in cycles per unit of the picture's height.


@dataclass(frozen=True)
class FilterDesign:
    """The band that a layer's filter leaves, at the sampling rate of the nonlinearity."""

    cutoff: float
    half_width: float  # of the transition band


@dataclass(frozen=True)
class LayerConfig:
    """One layer of a StyleGAN3 synthesis: convolution, up-sampling, nonlinearity, down-sampling."""

    name: str
    in_channels: int
    out_channels: int
    in_size: tuple[int, int]
    out_size: tuple[int, int]
    in_rate: float
    out_rate: float
    up: int
    down: int
    up_shape: tuple[int, ...]  # of the filter: (taps,), (taps, taps), or () for none
    down_shape: tuple[int, ...]
    up_design: FilterDesign
    down_design: FilterDesign
    padding: tuple[int, int, int, int]  # x0, x1, y0, y1 at the up-sampled rate
    kernel: int = 3
    is_torgb: bool = False
    half: bool = False  # trained in float16
    clamp: float | None = 256.0


@dataclass(frozen=True)
class StyleGan3Config:
    """A StyleGAN3 generator (Karras et al. 2021)."""

    mapping: MappingConfig
    input_channels: int
    input_size: tuple[int, int]
    input_rate: float
    bandwidth: float
    layers: tuple[LayerConfig, ...]
    output_scale: float = 0.25

    @property
    def num_ws(self) -> int:
        return len(self.layers) + 1

    @classmethod
    def official(
        cls,
        resolution: int,
        *,
        kernel: int = 3,
        radial: bool = False,
        channel_base: int = 32768,
        channel_max: int = 512,
        image_channels: int = 3,
        z_dim: int = 512,
        w_dim: int = 512,
        c_dim: int = 0,
        mapping_layers: int = 2,
        num_layers: int = 14,
        num_critical: int = 2,
        first_cutoff: float = 2.0,
        first_stopband: float = 2**2.1,
        last_stopband_rel: float = 2**0.3,
        margin: int = 10,
        filter_size: int = 6,
        lrelu_upsampling: int = 2,
        num_fp16_res: int = 4,
        conv_clamp: float | None = 256.0,
        output_scale: float = 0.25,
        half_width: bool = False,  # pictures half as wide as high
    ) -> StyleGan3Config:
        """As the published training code derives it from its options; the defaults are config T.

        Config R: kernel=1, radial=True, channel_base=65536, channel_max=1024.
        """
        cutoffs = geometric(first_cutoff, resolution / 2, num_layers, num_critical)
        stopbands = geometric(first_stopband, resolution / 2 * last_stopband_rel, num_layers, num_critical)
        rates, bands = sampled(cutoffs, stopbands, resolution)
        heights = [rate + 2 * margin for rate in rates[:-2]] + [resolution] * 2
        sizes = [(h // 2 if half_width else h, h) for h in heights]
        channels = [round(min(channel_base / 2 / cut, channel_max)) for cut in cutoffs[:-1]] + [image_channels]

        def layer(i: int) -> LayerConfig:
            before, torgb = max(i - 1, 0), i == num_layers
            inner = max(rates[before], rates[i]) * (1 if torgb else lrelu_upsampling)
            up, down = inner // rates[before], inner // rates[i]
            up_taps = filter_size * up if up > 1 and not torgb else 1
            down_taps = filter_size * down if down > 1 and not torgb else 1
            is_radial = radial and i < num_layers - num_critical
            k = 1 if torgb else kernel
            taps = up_taps + down_taps
            pads = [axis_padding(sizes[before][a], sizes[i][a], up, down, k, taps) for a in (0, 1)]
            return LayerConfig(
                f"L{i}_{heights[i]}_{channels[i]}", channels[before], channels[i], sizes[before], sizes[i],
                float(rates[before]), float(rates[i]), up, down,
                up_shape=filter_shape(up_taps, False), down_shape=filter_shape(down_taps, is_radial),
                up_design=bands[before], down_design=bands[i], padding=(*pads[0], *pads[1]), kernel=k, is_torgb=torgb,
                half=rates[i] * 2**num_fp16_res > resolution, clamp=conv_clamp,
            )  # fmt: skip

        return cls(
            mapping=MappingConfig(z_dim, c_dim, (w_dim,) * mapping_layers, w_dim if c_dim else 0),
            input_channels=channels[0], input_size=sizes[0], input_rate=float(rates[0]), bandwidth=cutoffs[0],
            layers=tuple(layer(i) for i in range(num_layers + 1)), output_scale=output_scale,
        )  # fmt: skip


def geometric(first: float, last: float, num_layers: int, num_critical: int) -> list[float]:
    """From the first layer on in equal ratios up to the last, which all critically sampled layers have."""
    steps = [min(i / (num_layers - num_critical), 1.0) for i in range(num_layers + 1)]
    return [first * math.pow(last / first, e) for e in steps]


def sampled(
    cutoffs: Sequence[float], stopbands: Sequence[float], resolution: int
) -> tuple[list[int], list[FilterDesign]]:
    """The sampling rate of each layer, and the band that its filter leaves there."""
    rates = [2 ** math.ceil(math.log2(min(2 * stop, resolution))) for stop in stopbands]
    bands = zip(cutoffs, stopbands, rates, strict=True)
    return rates, [FilterDesign(cut, max(stop, rate / 2) - cut) for cut, stop, rate in bands]


def axis_padding(size_in: int, size_out: int, up: int, down: int, kernel: int, taps: int) -> tuple[int, int]:
    """What to add (or crop) before and after the up-sampled samples for `size_out` to remain. taps: of both filters."""
    total = (size_out - 1) * down + 1 - (size_in + kernel - 1) * up + taps - 2
    low = (total + up) // 2
    return low, total - low


def filter_shape(taps: int, radial: bool) -> tuple[int, ...]:
    if taps == 1:
        return ()
    return (taps, taps) if radial else (taps,)
