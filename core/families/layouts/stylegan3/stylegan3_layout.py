"""What the layouts of StyleGAN3 networks share: the layers that the published rules give, held against the file's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from core.families.common.records import MAX_LAYERS
from core.loading.common.checkpoint import StoredTensor
from core.loading.formats.saved import to_float32
from core.networks.parts.config import LayerConfig, MappingConfig, StyleGan3Config
from core.networks.stylegan3 import design

RESOLUTIONS = tuple(1 << i for i in range(4, 13))
LAYERS = range(5, MAX_LAYERS + 1)  # with the last one, and more than the critically sampled ones
FILTERS = ("up_filter", "down_filter")
FILTER_TOLERANCE = 2e-3  # of the largest tap: they may be stored in float16

StoredFilter = Callable[[int, str], StoredTensor | None]  # that of a layer, by its number and one of `FILTERS`


def published(
    resolution: int,
    mapping: MappingConfig,
    shapes: Sequence[tuple[int, ...]],
    *,
    radial: bool,
    margin: int = 10,
) -> StyleGan3Config:
    """The network with these weights [O, I, k, k] that the published rules give. resolution: one of `RESOLUTIONS`.

    radial: whether filters are.
    """
    usual = StyleGan3Config.official(
        resolution, kernel=shapes[0][2], radial=radial, num_layers=len(shapes) - 1, margin=margin
    )

    def layer(number: int, own: LayerConfig) -> LayerConfig:
        outputs, inputs, *_ = shapes[number]
        name = f"L{number}_{own.out_size[1]}_{outputs}"
        return replace(own, name=name, in_channels=inputs, out_channels=outputs)

    layers = tuple(layer(i, own) for i, own in enumerate(usual.layers))
    return replace(usual, mapping=mapping, input_channels=shapes[0][1], layers=layers)


def odd_filter(config: StyleGan3Config, stored: StoredFilter) -> str:
    """The first filter of a file that is not that of the published network, such as "up_filter of L3_36_512"; ""."""
    for number, layer in enumerate(config.layers):
        designs = (layer.up_shape, layer.up_design), (layer.down_shape, layer.down_design)
        for part, (shape, band) in zip(FILTERS, designs, strict=True):
            found = stored(number, part)
            fits = (found.shape if found else ()) == shape
            if fits and found:
                usual = design(shape, band, layer.in_rate * layer.up).numpy()
                most = FILTER_TOLERANCE * float(np.abs(usual).max())
                fits = np.allclose(to_float32(found), usual, rtol=0, atol=most)
            if not fits:
                return f"{part} of {layer.name}"
    return ""
