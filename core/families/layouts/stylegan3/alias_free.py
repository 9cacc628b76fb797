"""StyleGAN3 in the layout of alias-free-gan-pytorch, a re-implementation of before NVIDIA's code was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import numpy as np

from core.base.errors import UnsupportedFile
from core.families.architectures.stylegan3 import checked
from core.families.common.mapping import mapping_of_shapes
from core.families.common.records import Settings, shape_of
from core.families.common.renames import Rename, numbered, renamed, single, without_first
from core.families.layouts.stylegan3.stylegan3_layout import FILTERS, LAYERS, RESOLUTIONS, odd_filter, published
from core.loading.common.checkpoint import Plain, SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.parts.config import StyleGan3Config

SIGNS = ("input.freqs", "affine_fourier.weight", "convs.0.conv.weight", "to_rgb.conv.weight")
MAPPING, CONV, RGB = "style.{}", "convs.{}", "to_rgb"
THEIR_FILTERS = dict(zip(FILTERS, ("activation.upsample_filter", "activation.downsample_filter"), strict=True))
CONFIG = "conf"  # what the program leaves beside the tensors
MARGIN, MAX_MARGIN = 4, 256  # pixels

ASSUMED = (
    f"The file does not tell how far its features reach beyond the picture; {MARGIN} pixels are assumed. "
    "With another margin only the borders of pictures differ."
)
OTHERS = (
    "This is a network of an early re-implementation of StyleGAN3, but its filters are not those of the published "
    "networks, which tell its sampling rates; it cannot be opened."
)


class AliasFreeLayout:
    """The mathematics is that of the published networks; the filters tell which resolution they were made for."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and all(sign in content.tensors for sign in SIGNS)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        margin = _margin(content.beside.get(CONFIG))
        config = _config(content.tensors, MARGIN if margin is None else margin)
        found = renamed(content.tensors, _names(config))
        found["synthesis.input.transform"] = StoredTensor(np.eye(3, dtype=np.float32), "float32")
        return SavedNetwork("stylegan3", asdict(config), found), (ASSUMED,) if margin is None else ()


def _margin(config: Plain | StoredTensor) -> int | None:
    """That of the program's settings, if they have one."""
    own = config.get("generator") if isinstance(config, dict) else None
    if not isinstance(own, dict) or "margin" not in own:
        return None
    return Settings(own, CONFIG).integer("margin", 0, MAX_MARGIN)


def _config(tensors: Mapping[str, StoredTensor], margin: int) -> StyleGan3Config:
    """Raises UnsupportedFile if no published network has such filters."""
    layers = [*(CONV.format(i) for i in numbered(tensors, f"{CONV}.conv.weight")), RGB]
    shapes = [shape_of(tensors, f"{layer}.conv.weight", 5)[1:] for layer in layers]
    dense = [shape_of(tensors, f"{MAPPING.format(i)}.weight", 2) for i in numbered(tensors, f"{MAPPING}.weight", 1)]
    if len(layers) not in LAYERS or not dense:
        raise UnsupportedFile(OTHERS)
    mapping = mapping_of_shapes(dense)
    radial = any(name.endswith(THEIR_FILTERS["down_filter"]) and len(t.shape) == 2 for name, t in tensors.items())

    def filter_of(number: int, part: str) -> StoredTensor | None:
        return tensors.get(f"{layers[number]}.{THEIR_FILTERS[part]}")

    for resolution in RESOLUTIONS:
        config = published(resolution, mapping, shapes, radial=radial, margin=margin)
        if not odd_filter(config, filter_of):
            return checked(config)
    raise UnsupportedFile(OTHERS)


def _names(config: StyleGan3Config) -> Iterator[Rename]:
    for i in range(len(config.mapping.widths)):
        for tensor in ("weight", "bias"):
            yield Rename(f"mapping.fc{i}.{tensor}", f"{MAPPING.format(i + 1)}.{tensor}")
    for tensor in ("freqs", "phases"):
        yield Rename(f"synthesis.input.{tensor}", f"input.{tensor}")
    yield Rename("synthesis.input.weight", "conv1.weight", lambda array: array.squeeze((2, 3)))
    for tensor in ("weight", "bias"):
        yield Rename(f"synthesis.input.affine.{tensor}", f"affine_fourier.{tensor}")
    for i, layer in enumerate(config.layers):
        name, source = f"synthesis.{layer.name}", RGB if layer.is_torgb else CONV.format(i)
        yield Rename(f"{name}.weight", f"{source}.conv.weight", without_first)
        yield Rename(f"{name}.bias", f"{source}.bias")
        yield Rename(f"{name}.magnitude_ema", f"{source}.ema_var", single)
        for tensor in ("weight", "bias"):
            yield Rename(f"{name}.affine.{tensor}", f"{source}.conv.modulation.{tensor}")
        for part, shape in zip(FILTERS, (layer.up_shape, layer.down_shape), strict=True):
            if shape:
                yield Rename(f"{name}.{part}", f"{source}.{THEIR_FILTERS[part]}")
