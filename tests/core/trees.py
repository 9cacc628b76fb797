"""Small networks, and the trees of modules in which snapshots hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from core.loading.common.checkpoint import Node, Plain, StoredTensor
from core.networks.parts.config import StyleGan2Config, StyleGan3Config
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.core import reference64

SMALL: dict[str, Any] = {"channel_base": 256, "channel_max": 12, "z_dim": 16, "w_dim": 16}
CONFIGS: dict[str, StyleGan2Config | StyleGan3Config] = {
    "skip": StyleGan2Config.official(16, **SMALL),
    "resnet": StyleGan2Config.official(16, architecture="resnet", conv_clamp=None, num_fp16_res=0, **SMALL),
    "orig": StyleGan2Config.official(16, architecture="orig", image_channels=1, c_dim=3, **SMALL),
    "tall": StyleGan2Config.official(16, const_size=(4, 2), image_channels=4, **SMALL),
    "no noise": replace(StyleGan2Config.official(8, **SMALL), use_noise=False, activation="swish"),
    "T": StyleGan3Config.official(16, num_layers=4, c_dim=2, **SMALL),
    "R": StyleGan3Config.official(16, num_layers=4, kernel=1, radial=True, conv_clamp=None, **SMALL),
    "tall T": StyleGan3Config.official(32, num_layers=4, half_width=True, **SMALL),
}


def network_of(config: StyleGan2Config | StyleGan3Config) -> Any:
    return reference64.scrambled(StyleGan2(config) if isinstance(config, StyleGan2Config) else StyleGan3(config))


def picture(generator: Generator) -> Tensor:
    z = torch.randn(2, generator.info.z_dim, generator=torch.Generator().manual_seed(0))
    c = torch.eye(generator.info.c_dim)[:2] if generator.info.c_dim else None
    return synthesize(generator, SynthesisInputs(generator.map(z, c)))


# ----------------------------------------------------------------------------
# Networks as a snapshot holds them.


def node_of(module: nn.Module, class_name: str, **attributes: Plain) -> Node:
    own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
    tensors = {name: StoredTensor(t.detach().numpy().copy(), "float32") for name, t in own}
    children = {name: node_of(sub, type(sub).__name__) for name, sub in module.named_children()}
    return Node(class_name, attributes, tensors, children)


def snapshot(network: Any) -> Node:
    """The tree of a network with the attributes that snapshots have and shapes do not tell."""
    config = network.config
    root = node_of(network, "Generator", z_dim=config.mapping.z_dim, c_dim=config.mapping.c_dim, num_ws=config.num_ws)
    if isinstance(config, StyleGan2Config):
        return replace(root, children={**root.children, "synthesis": stylegan2_synthesis(root, config)})
    return replace(root, children={**root.children, "synthesis": stylegan3_synthesis(root, config)})


def stylegan2_synthesis(root: Node, config: StyleGan2Config) -> Node:
    synthesis = root.children["synthesis"]
    blocks = {}
    for i, (name, block) in enumerate(synthesis.children.items()):
        layer = {"conv_clamp": config.conv_clamp, "activation": config.activation}
        children = {n: with_attributes(c, **layer) if n != "skip" else c for n, c in block.children.items()}
        attributes = {"architecture": config.architecture, "use_fp16": config.is_half(i)}
        blocks[name] = replace(block, attributes=attributes, children=children)
    return replace(synthesis, attributes={"img_resolution": config.resolutions[-1]}, children=blocks)


def stylegan3_synthesis(root: Node, config: StyleGan3Config) -> Node:
    synthesis = root.children["synthesis"]
    source = {"size": config.input_size, "sampling_rate": config.input_rate, "bandwidth": config.bandwidth}
    children = {"input": with_attributes(synthesis.children["input"], **source)}
    for layer in config.layers:
        children[layer.name] = with_attributes(
            synthesis.children[layer.name],
            in_size=layer.in_size,
            out_size=layer.out_size,
            in_sampling_rate=layer.in_rate,
            out_sampling_rate=layer.out_rate,
            in_cutoff=layer.up_design.cutoff,
            in_half_width=layer.up_design.half_width,
            out_cutoff=layer.down_design.cutoff,
            out_half_width=layer.down_design.half_width,
            up_factor=layer.up,
            down_factor=layer.down,
            padding=list(layer.padding),
            is_torgb=layer.is_torgb,
            use_fp16=layer.half,
            conv_clamp=layer.clamp,
        )
    attributes = {"output_scale": config.output_scale, "layer_names": [layer.name for layer in config.layers]}
    return replace(synthesis, attributes=attributes, children=children)


def with_attributes(node: Node, **attributes: Plain) -> Node:
    return replace(node, attributes={**node.attributes, **attributes})


def changed(
    node: Node, path: str, *, tensors: Mapping[str, StoredTensor | None] | None = None, **attributes: Any
) -> Node:
    """A copy of the tree with other tensors (None: without it) or attributes at a path such as "synthesis.b4"."""
    if path:
        head, _, rest = path.partition(".")
        sub = changed(node.children[head], rest, tensors=tensors, **attributes)
        return replace(node, children={**node.children, head: sub})
    merged = {**node.tensors, **(tensors or {})}
    kept = {name: tensor for name, tensor in merged.items() if tensor is not None}
    return replace(node, attributes={**node.attributes, **attributes}, tensors=kept)
