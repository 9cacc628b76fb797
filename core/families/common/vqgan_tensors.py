"""What some VQGANs have no tensors for, such as those of masked image models (Chang et al. 2022), written out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from core.base.errors import UnsupportedFile
from core.families.common.tensor_renaming import Array, stored
from core.loading.common.checkpoint import StoredTensor

Tensors = Mapping[str, StoredTensor]

CODEBOOK = "quantize.embedding.weight"
QUANT, POST_QUANT = "quant_conv", "post_quant_conv"  # the 1x1 convolutions before and after the codes
CONVOLUTION = re.compile(r"(encoder|decoder)\.(?:.*\.)?([a-z]+_?[a-z0-9]*)\.weight")
IN_BLOCKS = "conv1"  # the convolution that all blocks have
SHORTCUT = re.compile(r"(?:encoder|decoder)\..*\.nin_shortcut\.weight")


def completed(tensors: Tensors) -> Tensors:
    """The same network with biases of 0 and, at the codes, convolutions that change nothing, where it has none.

    Raises UnsupportedFile if its codes do not fit its decoder without a convolution.
    """
    return {**tensors, **stored({**_biases(tensors), **_at_the_codes(tensors)})}


def reads_its_end(tensors: Tensors, coder: str) -> bool:
    """Whether the shortcuts of a coder's blocks read what its convolutions gave, not what they read.

    Their shapes tell: they are there where the channels change.
    """
    shapes = [tensors[name].shape for name in tensors if name.startswith(f"{coder}.") and SHORTCUT.fullmatch(name)]
    return bool(shapes) and all(len(shape) == 4 and shape[0] == shape[1] for shape in shapes)


def _biases(tensors: Tensors) -> dict[str, Array]:
    """Of the kinds of convolutions that have none anywhere in a coder whose blocks have none."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for name, tensor in tensors.items():
        if (match := CONVOLUTION.fullmatch(name)) and len(tensor.shape) == 4:
            kinds.setdefault((match[1], match[2]), []).append(name)
    without = {kind: names for kind, names in kinds.items() if not any(_bias(name) in tensors for name in names)}
    found = (name for (coder, _), names in without.items() if (coder, IN_BLOCKS) in without for name in names)
    return {_bias(name): np.zeros(tensors[name].shape[0], np.float32) for name in found}


def _bias(weight: str) -> str:
    return f"{weight.removesuffix('weight')}bias"


def _at_the_codes(tensors: Tensors) -> dict[str, Array]:
    book, first = tensors.get(CODEBOOK), tensors.get("decoder.conv_in.weight")
    if book is None or first is None or any(f"{name}.weight" in tensors for name in (QUANT, POST_QUANT)):
        return {}
    if len(book.shape) != 2 or len(first.shape) != 4:
        return {}  # which is told where the shapes are read
    width = book.shape[1]
    if first.shape[1] != width:
        raise UnsupportedFile(
            f"This VQGAN has codes of {width} numbers, a decoder that reads {first.shape[1]} and nothing between them, "
            "which this program does not know."
        )
    return dict(_unchanging(width, (POST_QUANT, *((QUANT,) if "encoder.conv_in.weight" in tensors else ()))))


def _unchanging(width: int, names: tuple[str, ...]) -> Iterator[tuple[str, Array]]:
    for name in names:
        yield f"{name}.weight", np.eye(width, dtype=np.float32)[:, :, None, None]
        yield f"{name}.bias", np.zeros(width, np.float32)
