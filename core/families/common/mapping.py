"""The mapping network of StyleGAN2 and StyleGAN3 as it stands in checkpoints."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.common.records import (
    MAX_CLASSES,
    MAX_LATENT,
    MAX_LAYERS,
    Settings,
    agree,
    child,
    known_activation,
    settings,
    shape,
    unreasonable,
)
from core.loading.common.checkpoint import Node, Plain, StoredTensor
from core.networks.parts.config import EMBEDDED, LABELS, LOOKED_UP, MISSING, MappingConfig
from ops.base.constants import ACTIVATIONS

GAIN_TOLERANCE = 1e-4  # relative
TABLE = "Embedding"  # the class of the layer in which StyleGAN-XL looks labels up
W_AVG = "mapping.w_avg"
LATENT_AVERAGE = "latent_avg"  # the same in the files of encoders and exporters
ESTIMATED = "The file has no average w; truncation uses one estimated from 10 000 samples."


def mapping_of_node(generator: Node) -> MappingConfig:
    """Raises CheckpointError if settings and shapes are unreasonable or contradict each other."""
    node = child(generator, "mapping", "")
    root, own = settings(generator, ""), settings(node, "mapping")
    count = sum(name.startswith("fc") for name in node.children)
    if not 1 <= count <= MAX_LAYERS:
        raise unreasonable("mapping.num_layers", count, f"1 to {MAX_LAYERS}")
    layers = [child(node, f"fc{i}", "mapping") for i in range(count)]
    shapes = [shape(layer, "weight", 2, f"mapping.fc{i}") for i, layer in enumerate(layers)]
    lr = settings(layers[0], "mapping.fc0").number("bias_gain", 1e-6, 1e3, default=0.01)
    activations = [settings(layer, f"mapping.fc{i}").text("activation", "lrelu") for i, layer in enumerate(layers)]
    agree("the activation of the mapping", *activations)
    for i, layer in enumerate(layers):
        check_gain(layer, f"mapping.fc{i}", lr)

    label, embed_width, classes, table = _label_of_node(node, activations[0])
    c_dim = _known(root, own, "c_dim", 0, MAX_CLASSES, classes)
    if label != LOOKED_UP:  # a table may have rows for classes that the network was not trained with
        agree("the number of classes", c_dim, classes)
    z_dim = _known(root, own, "z_dim", 0, MAX_LATENT, shapes[0][1] - embed_width)
    agree("the width of the mapping's input", z_dim + embed_width, shapes[0][1])
    widths = tuple(out for out, _ in shapes)
    agree("the width of w", _known(root, own, "w_dim", 1, MAX_LATENT, widths[-1]), widths[-1])
    w_avg = node.tensors.get("w_avg")
    class_centres = w_avg is not None and len(w_avg.shape) == 2
    return checked(MappingConfig(z_dim, c_dim, widths, embed_width, activations[0], lr, label, table, class_centres))


def _label_of_node(mapping: Node, activation: str) -> tuple[str, int, int, tuple[int, ...]]:
    """How it takes a label: kind, width, number of classes, shape of the table."""
    embed, projection = mapping.children.get("embed"), mapping.children.get("embed_proj")
    if embed is not None and projection is not None:
        table = shape(embed, "weight", 2, "mapping.embed")
        embed_width, columns = shape(projection, "weight", 2, "mapping.embed_proj")
        agree("the width of its table of classes", columns, table[1])
        check_gain(projection, "mapping.embed_proj", 1.0)
        own = settings(projection, "mapping.embed_proj").text("activation", "lrelu")
        agree("the activation of the mapping", own, activation)
        return LOOKED_UP, embed_width, table[0], table
    if embed is None or embed.class_name == TABLE or "bias" not in embed.tensors:
        # StyleGAN-XL keeps its table where nothing reads it.
        return EMBEDDED, 0, 0, ()
    embed_width, classes = shape(embed, "weight", 2, "mapping.embed")
    check_gain(embed, "mapping.embed", 1.0)
    if settings(embed, "mapping.embed").text("activation", "linear") != "linear":
        raise UnsupportedFile("The label of this network passes an activation, which no published network does.")
    return EMBEDDED, embed_width, classes, ()


def mapping_of_json(values: Settings) -> MappingConfig:
    """Raises CheckpointError if a member is missing or unreasonable."""
    return checked(
        MappingConfig(
            z_dim=values.integer("z_dim", 0, MAX_LATENT),
            c_dim=values.integer("c_dim", 0, MAX_CLASSES),
            widths=values.integers("widths", 1, MAX_LATENT, range(1, MAX_LAYERS + 1)),
            embed_width=values.integer("embed_width", 0, MAX_LATENT),
            activation=values.text("activation"),
            lr=values.number("lr", 1e-6, 1e3),
            label=values.text("label", EMBEDDED),
            table=values.integers("table", 1, MAX_CLASSES, (0, 2)) if values.has("table") else (),
            class_centres=values.flag("class_centres", False),
            normalize=values.flag("normalize", True),
        )
    )


def mapping_of_shapes(shapes: Sequence[tuple[int, ...]], lr: float = 0.01) -> MappingConfig:
    """That of fully connected layers [out, in] with nothing that embeds classes, in layouts where z is as wide as w.

    If they read more than that, the network is a conditional one whose exporter left out how it embeds its classes, in
    as many numbers as w has.
    """
    inputs, widths = shapes[0][1], tuple(shape[0] for shape in shapes)
    if inputs > widths[-1]:
        return MappingConfig(inputs - widths[-1], 0, widths, embed_width=widths[-1], lr=lr, label=MISSING)
    return MappingConfig(inputs, 0, widths, lr=lr)


def checked(config: MappingConfig) -> MappingConfig:
    for width in (*config.widths, config.embed_width, config.z_dim):
        if not 0 <= width <= MAX_LATENT:
            raise unreasonable("the width of the mapping", width, f"0 to {MAX_LATENT}")
    if config.label == MISSING and config.c_dim:
        raise CheckpointError(f"The network has {config.c_dim} classes, but nothing that embeds them.")
    if (config.c_dim > 0 or config.label == MISSING) != (config.embed_width > 0):
        raise CheckpointError(f"The network has {config.c_dim} classes, but embeds {config.embed_width} numbers.")
    if config.z_dim + config.embed_width == 0:
        raise CheckpointError("The mapping network has neither a z nor a class as input; it cannot be opened.")
    known_activation(config.activation, ACTIVATIONS)
    if config.label not in LABELS:
        raise UnsupportedFile(f"Labels are {config.label[:40]!r}, in a way that this program does not know.")
    if (config.label == LOOKED_UP) != bool(config.table) or (config.table and config.table[0] < config.c_dim):
        raise CheckpointError(f"The table of classes, {list(config.table)}, does not fit {config.c_dim} classes.")
    if config.class_centres and not config.c_dim:
        raise CheckpointError("The average w has several rows, but the network has no classes; it cannot be opened.")
    return config


def average_of(stored_average: Plain | StoredTensor, w_dim: int, name: str) -> dict[str, StoredTensor]:
    """The average w under our name, if there is one: [w_dim], [1, w_dim], or a row for each layer, all alike.

    Raises CheckpointError if it has another shape.
    """
    if not isinstance(stored_average, StoredTensor):
        return {}
    array = stored_average.array
    if array.ndim not in (1, 2) or array.size == 0 or array.shape[-1] != w_dim:
        raise CheckpointError(f"The average w, `{name}`, has the shape {array.shape} instead of ({w_dim},).")
    return {W_AVG: StoredTensor(array.reshape(-1, w_dim)[0], stored_average.dtype, name, array.shape)}


def check_gain(layer: Node, where: str, lr: float) -> None:
    """Raises UnsupportedFile if a fully connected layer scales its weights in a way of its own."""
    own = settings(layer, where)
    expected = lr / math.sqrt(shape(layer, "weight", 2, where)[1])
    gain = own.number("weight_gain", -1e6, 1e6, default=expected)
    bias_gain = own.number("bias_gain", -1e6, 1e6, default=lr)
    if not math.isclose(gain, expected, rel_tol=GAIN_TOLERANCE) or not math.isclose(
        bias_gain, lr, rel_tol=GAIN_TOLERANCE
    ):
        raise UnsupportedFile(
            f"The layer `{where}` scales its weights by {gain:g} and its biases by {bias_gain:g} instead of "
            f"{expected:g} and {lr:g}; this program does not know such networks."
        )


def _known(root: Settings, own: Settings, name: str, low: int, high: int, from_shape: int) -> int:
    """From the attributes of the generator, or of the mapping, or from the shapes."""
    return root.integer(name, low, high, default=own.integer(name, low, high, default=from_shape))
