"""StyleGAN3 checkpoints: NVIDIA's PyTorch snapshots (also of StyleGAN-Human), and our own files."""

from __future__ import annotations

from torch import nn

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.common.mapping import check_gain, mapping_of_json, mapping_of_node
from core.families.common.nvidia import NvidiaFamily
from core.families.common.records import (
    MAX_CHANNELS,
    MAX_LAYERS,
    MAX_RESAMPLING,
    MAX_RESOLUTION,
    MAX_SIZE,
    MAX_TAPS,
    Settings,
    agree,
    child,
    settings,
    shape,
    unreasonable,
)
from core.loading.common.checkpoint import Node, SavedNetwork
from core.networks.parts.config import FilterDesign, LayerConfig, StyleGan3Config
from core.networks.stylegan3 import StyleGan3

MAX_RATE = 2.0 * MAX_SIZE
MAX_CLAMP = 1e9
MAX_KERNEL = 15
MAX_NAME = 100  # characters


class StyleGan3Family(NvidiaFamily):
    key = "stylegan3"
    network = StyleGan3

    def is_generator(self, node: Node) -> bool:
        synthesis = node.children.get("synthesis")
        source = synthesis.children.get("input") if synthesis else None
        return "mapping" in node.children and source is not None and "freqs" in source.tensors

    def config_of(self, content: Node | SavedNetwork) -> StyleGan3Config:
        return config_of(content)


def config_of(content: Node | SavedNetwork) -> StyleGan3Config:
    """Raises CheckpointError if settings and shapes are unreasonable or contradict each other."""
    return checked(_of_node(content) if isinstance(content, Node) else _of_json(Settings(content.config, "config")))


def checked(config: StyleGan3Config) -> StyleGan3Config:
    """The layers must fit together: what one gives, the next takes."""
    size, channels, rate = config.input_size, config.input_channels, config.input_rate
    if not config.bandwidth < rate / 2:
        raise unreasonable("bandwidth", config.bandwidth, f"less than half the sampling rate, {rate / 2:g}")
    agree("the names of its layers", len({layer.name for layer in config.layers}), len(config.layers))
    for layer in config.layers:
        name = f"the layer `{layer.name}`"
        agree(f"{name}", (layer.in_size, layer.in_channels, layer.in_rate), (size, channels, rate))
        agree(f"the sampling rates of {name}", layer.in_rate * layer.up, layer.out_rate * layer.down)
        agree(f"the padding of {name}", _size_after(layer), layer.out_size)
        size, channels, rate = layer.out_size, layer.out_channels, layer.out_rate
    last = config.layers[-1]
    if not last.is_torgb or any(layer.is_torgb for layer in config.layers[:-1]):
        raise CheckpointError("The last layer of the network, and no other, must make the picture.")
    if max(last.out_size) > MAX_RESOLUTION:
        raise unreasonable("img_resolution", max(last.out_size), f"at most {MAX_RESOLUTION}")
    if last.out_channels > 4:
        raise UnsupportedFile(
            f"The network draws {last.out_channels} channels; this program shows pictures of 1 to 4 channels."
        )
    return config


def _size_after(layer: LayerConfig) -> tuple[int, int]:
    """Width and height that the paddings and filters of a layer give."""
    taps = sum(s[0] if s else 1 for s in (layer.up_shape, layer.down_shape))
    x0, x1, y0, y1 = layer.padding
    width, height = (
        ((n + layer.kernel - 1) * layer.up + pads - taps + 1 + layer.down) // layer.down
        for n, pads in zip(layer.in_size, (x0 + x1, y0 + y1), strict=True)
    )
    return width, height


# ----------------------------------------------------------------------------
# Our own files.


def _of_json(values: Settings) -> StyleGan3Config:
    layers = values.sequence("layers")
    if not 1 <= len(layers) <= MAX_LAYERS:
        raise unreasonable("the number of layers", len(layers), f"1 to {MAX_LAYERS}")
    return StyleGan3Config(
        mapping=mapping_of_json(values.child("mapping")),
        input_channels=values.integer("input_channels", 1, MAX_CHANNELS),
        input_size=_size(values, "input_size"),
        input_rate=values.number("input_rate", 1, MAX_RATE),
        bandwidth=values.number("bandwidth", 0, MAX_RATE),
        layers=tuple(_layer_of_json(Settings({"layer": layer}, "config").child("layer")) for layer in layers),
        output_scale=values.number("output_scale", -1e6, 1e6),
    )


def _layer_of_json(values: Settings) -> LayerConfig:
    def design(name: str) -> FilterDesign:
        band = values.child(name)
        return FilterDesign(band.number("cutoff", 0, MAX_RATE), band.number("half_width", 0, MAX_RATE))

    return LayerConfig(
        name=_layer_name(values.text("name")),
        in_channels=values.integer("in_channels", 1, MAX_CHANNELS),
        out_channels=values.integer("out_channels", 1, MAX_CHANNELS),
        in_size=_size(values, "in_size"),
        out_size=_size(values, "out_size"),
        in_rate=values.number("in_rate", 1, MAX_RATE),
        out_rate=values.number("out_rate", 1, MAX_RATE),
        up=values.integer("up", 1, MAX_RESAMPLING),
        down=values.integer("down", 1, MAX_RESAMPLING),
        up_shape=values.integers("up_shape", 1, MAX_TAPS, range(3)),
        down_shape=values.integers("down_shape", 1, MAX_TAPS, range(3)),
        up_design=design("up_design"),
        down_design=design("down_design"),
        padding=_padding(values),
        kernel=values.integer("kernel", 1, MAX_KERNEL),
        is_torgb=values.flag("is_torgb"),
        half=values.flag("half"),
        clamp=values.optional_number("clamp", 0, MAX_CLAMP),
    )


def _layer_name(name: str) -> str:
    if not name.isidentifier() or len(name) > MAX_NAME or name == "input" or hasattr(nn.Module, name):
        raise unreasonable("the name of a layer", name, "such as L0_36_512")
    return name


def _size(values: Settings, name: str) -> tuple[int, int]:
    width, height = values.integers(name, 1, MAX_SIZE, (2,))
    return width, height


def _padding(values: Settings) -> tuple[int, int, int, int]:
    x0, x1, y0, y1 = values.integers("padding", -MAX_SIZE, MAX_SIZE, (4,))
    return x0, x1, y0, y1


# ----------------------------------------------------------------------------
# Snapshots. Every layer describes itself; what it says must agree with its tensors and with its neighbours.


def _of_node(generator: Node) -> StyleGan3Config:
    synthesis = child(generator, "synthesis", "")
    own = settings(synthesis, "synthesis")
    names = own.sequence("layer_names") if own.has("layer_names") else tuple(_layer_children(synthesis))
    if not 1 <= len(names) <= MAX_LAYERS:
        raise unreasonable("the number of layers", len(names), f"1 to {MAX_LAYERS}")
    agree("its layers", len(names), sum(1 for _ in _layer_children(synthesis)))
    source = child(synthesis, "input", "synthesis")
    check_gain(child(source, "affine", "synthesis.input"), "synthesis.input.affine", 1.0)
    where = settings(source, "synthesis.input")
    layers = tuple(_layer_of_node(synthesis, _layer_name(str(name))) for name in names)
    width, height = layers[-1].out_size
    resolution = own.integer("img_resolution", 4, MAX_RESOLUTION, default=max(width, height))
    agree("its resolution", resolution, max(width, height))
    return StyleGan3Config(
        mapping=mapping_of_node(generator),
        input_channels=shape(source, "freqs", 2, "synthesis.input")[0],
        input_size=_size(where, "size"),
        input_rate=where.number("sampling_rate", 1, MAX_RATE),
        bandwidth=where.number("bandwidth", 0, MAX_RATE),
        layers=layers,
        output_scale=own.number("output_scale", -1e6, 1e6, default=1.0),
    )


def _layer_children(synthesis: Node) -> list[str]:
    return [name for name, node in synthesis.children.items() if name != "input" and "magnitude_ema" in node.tensors]


def _layer_of_node(synthesis: Node, name: str) -> LayerConfig:
    node = child(synthesis, name, "synthesis")
    path = f"synthesis.{name}"
    own = settings(node, path)
    check_gain(child(node, "affine", path), f"{path}.affine", 1.0)
    out_channels, in_channels, kernel, _ = shape(node, "weight", 4, path)
    agree(f"the kernel of `{name}`", own.integer("conv_kernel", 1, MAX_KERNEL, default=kernel), kernel)
    return LayerConfig(
        name=name,
        in_channels=in_channels,
        out_channels=out_channels,
        in_size=_size(own, "in_size"),
        out_size=_size(own, "out_size"),
        in_rate=own.number("in_sampling_rate", 1, MAX_RATE),
        out_rate=own.number("out_sampling_rate", 1, MAX_RATE),
        up=own.integer("up_factor", 1, MAX_RESAMPLING),
        down=own.integer("down_factor", 1, MAX_RESAMPLING),
        up_shape=_filter_shape(node, "up_filter", path),
        down_shape=_filter_shape(node, "down_filter", path),
        up_design=_design(own, "in"),
        down_design=_design(own, "out"),
        padding=_padding(own),
        kernel=kernel,
        is_torgb=own.flag("is_torgb"),
        half=own.flag("use_fp16", False),
        clamp=own.optional_number("conv_clamp", 0, MAX_CLAMP),
    )


def _filter_shape(node: Node, name: str, path: str) -> tuple[int, ...]:
    stored = node.tensors.get(name)
    if stored is None:
        return ()
    if len(stored.shape) not in (1, 2) or not 1 <= min(stored.shape) <= max(stored.shape) <= MAX_TAPS:
        raise unreasonable(f"{path}.{name}", stored.shape, f"1 to {MAX_TAPS} taps")
    return stored.shape


def _design(own: Settings, side: str) -> FilterDesign:
    cutoff = own.number(f"{side}_cutoff", 0, MAX_RATE, default=0.0)
    return FilterDesign(cutoff, own.number(f"{side}_half_width", 0, MAX_RATE, default=0.0))
