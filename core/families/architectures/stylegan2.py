"""StyleGAN2 checkpoints: NVIDIA's PyTorch snapshots (also of StyleGAN2-ADA and StyleGAN-Human), and our own files."""

from __future__ import annotations

import math

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.common.mapping import check_gain, mapping_of_json, mapping_of_node
from core.families.common.nvidia import NvidiaFamily
from core.families.common.records import (
    MAX_CHANNELS,
    MAX_RESOLUTION,
    MAX_TAPS,
    Settings,
    agree,
    child,
    known_activation,
    settings,
    shape,
    unreasonable,
)
from core.loading.common.checkpoint import Node, SavedNetwork, StoredTensor
from core.networks.parts.config import StyleGan2Config
from core.networks.stylegan2 import StyleGan2
from ops.base.constants import ACTIVATIONS
from ops.bias_act import default_gain

ARCHITECTURES = ("skip", "resnet", "orig")
MAX_BLOCKS = int(math.log2(MAX_RESOLUTION)) - 1
MAX_CLAMP = 1e9


class StyleGan2Family(NvidiaFamily):
    key = "stylegan2"
    network = StyleGan2

    def is_generator(self, node: Node) -> bool:
        synthesis = node.children.get("synthesis")
        first = synthesis.children.get("b4") if synthesis else None
        return "mapping" in node.children and first is not None and "const" in first.tensors

    def config_of(self, content: Node | SavedNetwork) -> StyleGan2Config:
        return config_of(content)


def config_of(content: Node | SavedNetwork) -> StyleGan2Config:
    """Raises CheckpointError if settings and shapes are unreasonable or contradict each other."""
    return checked(_of_node(content) if isinstance(content, Node) else _of_json(Settings(content.config, "config")))


def checked(config: StyleGan2Config) -> StyleGan2Config:
    height, width = config.block_size(len(config.channels) - 1)
    if len(config.channels) > MAX_BLOCKS or max(height, width) > MAX_RESOLUTION:
        raise unreasonable("img_resolution", max(height, width), f"at most {MAX_RESOLUTION}")
    if max(*config.channels, config.image_channels) > MAX_CHANNELS:
        raise unreasonable("channels", max(config.channels), f"at most {MAX_CHANNELS}")
    if config.image_channels > 4:
        raise UnsupportedFile(
            f"The network draws {config.image_channels} channels; this program shows pictures of 1 to 4 channels."
        )
    if config.architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise UnsupportedFile(f"The architecture is {config.architecture[:40]!r}; this program has {known}.")
    if (
        len(config.filter_shape) not in (1, 2)
        or not 1 <= min(config.filter_shape) <= max(config.filter_shape) <= MAX_TAPS
    ):
        raise unreasonable("resample_filter", config.filter_shape, "some taps")
    known_activation(config.activation, ACTIVATIONS)
    return config


# ----------------------------------------------------------------------------
# Our own files.


def _of_json(values: Settings) -> StyleGan2Config:
    channels = values.integers("channels", 1, MAX_CHANNELS, range(1, MAX_BLOCKS + 1))
    half = values.sequence("fp16_blocks")
    if len(half) not in (0, len(channels)) or not all(isinstance(flag, bool) for flag in half):
        raise CheckpointError("The setting `fp16_blocks` must be a list of true and false, one a block.")
    height, width = values.integers("const_size", 1, MAX_RESOLUTION, (2,))
    return StyleGan2Config(
        mapping=mapping_of_json(values.child("mapping")),
        channels=channels,
        image_channels=values.integer("image_channels", 1, MAX_CHANNELS),
        const_size=(height, width),
        architecture=values.text("architecture"),
        fp16_blocks=tuple(bool(flag) for flag in half),
        conv_clamp=values.optional_number("conv_clamp", 0, MAX_CLAMP),
        activation=values.text("activation"),
        use_noise=values.flag("use_noise"),
        filter_shape=values.integers("filter_shape", 1, MAX_TAPS, (1, 2)),
    )


# ----------------------------------------------------------------------------
# Snapshots. The architecture is taken from the structure, numbers from attributes and shapes, which must agree.


def _of_node(generator: Node) -> StyleGan2Config:
    mapping = mapping_of_node(generator)
    synthesis = child(generator, "synthesis", "")
    blocks = _blocks(generator, synthesis)
    convs = [(f"synthesis.{b}.{c}", node.children[c]) for b, node in blocks.items() for c in _convs(b, node)]
    rgbs = [(f"synthesis.{b}.torgb", node.children["torgb"]) for b, node in blocks.items() if "torgb" in node.children]
    if not rgbs:
        raise CheckpointError("The network lacks the layer `torgb` that makes the picture; the file is damaged.")
    for path, layer in (*convs, *rgbs):
        affine = child(layer, "affine", path)
        check_gain(affine, f"{path}.affine", 1.0)
        agree(f"`{path}.affine`", settings(affine, path).text("activation", "linear"), "linear")
    activations = {settings(layer, path).text("activation", "lrelu") for path, layer in convs}
    agree("the activation", *activations)
    activation = known_activation(activations.pop(), ACTIVATIONS)
    for path, layer in convs:
        gain = settings(layer, path).number("act_gain", 0, 1e3, default=default_gain(activation))
        agree(f"the gain of `{path}`", round(gain, 4), round(default_gain(activation), 4))
    const = shape(blocks["b4"], "const", 3, "synthesis.b4")
    channels = tuple(
        shape(node.children["conv1"], "weight", 4, f"synthesis.{b}.conv1")[0] for b, node in blocks.items()
    )
    return StyleGan2Config(
        mapping=mapping,
        channels=channels,
        image_channels=shape(rgbs[-1][1], "weight", 4, rgbs[-1][0])[0],
        const_size=(const[1], const[2]),
        architecture=_architecture(blocks),
        fp16_blocks=tuple(settings(node, b).flag("use_fp16", False) for b, node in blocks.items()),
        conv_clamp=_clamp([*convs, *rgbs]),
        activation=activation,
        use_noise=any("noise_const" in layer.tensors for _, layer in convs),
        filter_shape=_filter_shape(blocks["b4"]),
    )


def _blocks(generator: Node, synthesis: Node) -> dict[str, Node]:
    """b4, b8, ... in order. Raises CheckpointError if there are gaps, or others than the attributes say."""
    names = [name for name in synthesis.children if name[:1] == "b" and name[1:].isdecimal()]
    expected = [f"b{4 << i}" for i in range(len(names))]
    if not 1 <= len(names) <= MAX_BLOCKS:
        raise unreasonable("the number of blocks", len(names), f"1 to {MAX_BLOCKS}")
    agree("its blocks", " ".join(sorted(names, key=lambda n: (len(n), n))), " ".join(expected))
    _, height, width = shape(synthesis.children["b4"], "const", 3, "synthesis.b4")
    if height == width:  # what forks with others call their resolution is not known
        for module, where in ((generator, ""), (synthesis, "synthesis")):
            size = 4 << (len(names) - 1)
            claimed = settings(module, where).integer("img_resolution", 4, MAX_RESOLUTION, size)
            agree("its resolution", claimed, size)
    return {name: synthesis.children[name] for name in expected}


def _convs(name: str, block: Node) -> tuple[str, ...]:
    wanted = ("conv1",) if name == "b4" else ("conv0", "conv1")
    for conv in wanted:
        child(block, conv, f"synthesis.{name}")
    return wanted


def _architecture(blocks: dict[str, Node]) -> str:
    claims = {settings(node, name).text("architecture", "") for name, node in blocks.items()} - {""}
    claimed = claims.pop() if len(claims) == 1 else ""
    if any("skip" in node.children for node in blocks.values()):
        found = "resnet"
    elif len(blocks) > 1:
        found = "skip" if "torgb" in blocks["b4"].children else "orig"
    else:
        found = claimed or "skip"  # one block looks the same in all of them
    if claimed:
        agree("its architecture", claimed, found)
    return found


def _clamp(layers: list[tuple[str, Node]]) -> float | None:
    clamps = [settings(layer, path).optional_number("conv_clamp", 0, MAX_CLAMP) for path, layer in layers]
    agree("`conv_clamp`", *clamps)
    return clamps[0]


def _filter_shape(block: Node) -> tuple[int, ...]:
    stored: StoredTensor | None = block.tensors.get("resample_filter")
    return stored.shape if stored is not None else (4, 4)
