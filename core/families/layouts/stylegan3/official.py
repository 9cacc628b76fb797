"""StyleGAN3 as the state dict of NVIDIA's PyTorch modules, alone or as the decoder of other programs' encoders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict

from core.base.errors import UnsupportedFile
from core.families.architectures.stylegan3 import checked
from core.families.common.mapping import LATENT_AVERAGE, W_AVG, average_of, mapping_of_node
from core.families.common.records import agree, shape_of, tree
from core.families.layouts.stylegan3.stylegan3_layout import LAYERS, RESOLUTIONS, odd_filter, published
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.parts.config import StyleGan3Config

FREQS = "synthesis.input.freqs"
SIGNS = ("mapping.fc", FREQS)  # what names begin with
LAYER = re.compile(r"synthesis\.(L([0-9]{1,2})_([0-9]{1,4})_[0-9]{1,4})\.weight")

ASSUMED = (
    "Weights alone do not tell whether the pictures of a StyleGAN3 network are square, nor how its output is scaled; "
    "both are assumed to be as in the published networks."
)
OTHERS = (
    "These are the weights of a StyleGAN3 network whose layers are not those of the published ones ({}), and its "
    "sampling rates are not in the file; open its .pkl."
)


class OfficialStyleGan3Layout:
    """Channels come from shapes, sizes from names; sampling rates and bands by the published rules, which the stored
    filters must agree with.
    """

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and all(
            any(name.startswith(sign) for name in content.tensors) for sign in SIGNS
        )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        found = dict(content.tensors)
        average = found.pop(LATENT_AVERAGE, None) or content.beside.get(LATENT_AVERAGE)
        config = _config(found)
        if W_AVG not in found:
            found |= average_of(average, config.mapping.w_dim, LATENT_AVERAGE)
        return SavedNetwork("stylegan3", asdict(config), found), (ASSUMED,)


def _config(tensors: Mapping[str, StoredTensor]) -> StyleGan3Config:
    """Raises UnsupportedFile if the layers are not those that the published rules give."""
    layers = sorted((m for name in tensors if (m := LAYER.fullmatch(name))), key=lambda layer: int(layer[2]))
    resolution = int(layers[-1][3]) if layers else 0
    if len(layers) not in LAYERS or resolution not in RESOLUTIONS:
        raise UnsupportedFile(OTHERS.format(f"{len(layers)} layers up to {resolution} pixels"))
    config = published(
        resolution,
        mapping_of_node(tree(tensors)),
        [shape_of(tensors, layer[0], 4) for layer in layers],
        radial=any(name.endswith(".down_filter") and len(t.shape) == 2 for name, t in tensors.items()),
    )
    for layer, own in zip(layers, config.layers, strict=True):
        if layer[1] != own.name:
            raise UnsupportedFile(OTHERS.format(f"`{layer[1]}` would be {own.name}"))
    agree("the channels of its input", shape_of(tensors, FREQS, 2)[0], config.input_channels)
    odd = odd_filter(config, lambda number, part: tensors.get(f"synthesis.{layers[number][1]}.{part}"))
    if odd:
        raise UnsupportedFile(OTHERS.format(f"the {odd} is another one"))
    return checked(config)
