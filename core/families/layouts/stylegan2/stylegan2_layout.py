"""What the layouts of StyleGAN2 networks share: other names of tensors, and what their files do not store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.families.common.tensor_renaming import drawn_noise, stored
from core.loading.common.checkpoint import SavedNetwork, StoredTensor
from core.loading.formats.saved import to_float32
from core.networks.parts.config import StyleGan2Config
from core.networks.stylegan2 import BINOMIAL
from ops.fir import setup_filter

# What the names of tensors contain in networks that others have changed, in small letters.
FORKS = {
    "atten": "self-attention",
    "attn": "self-attention",
    "nonlocal": "self-attention",
    "_sn": "spectral normalisation",
    "spectral": "spectral normalisation",
    "iwt.": "wavelets",
}

KERNEL = ".kernel"  # what the names of stored filters end with
KERNEL_GAIN = 4.0  # what they are multiplied by, for up-sampling
KERNEL_TOLERANCE = 1e-3

NO_NOISE = "The file has no noise maps; the constant noise is drawn from a seed."


def refuse_forks(names: Iterable[str]) -> None:
    """Raises UnsupportedFile if a name tells of a part that StyleGAN2 does not have."""
    for name in names:
        part = next((part for word, part in FORKS.items() if word in name.lower()), None)
        if part is not None:
            raise UnsupportedFile(
                f"This is a StyleGAN2 network with {part} (a fork, its tensor `{shown(name, 80)}`), which this program "
                "does not have; only networks of the published architecture can be opened."
            )


def without_kernels(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """Raises UnsupportedFile if one of the stored filters is not that of the published networks."""
    usual = setup_filter(BINOMIAL, separable=False).numpy() * KERNEL_GAIN
    for name, tensor in tensors.items():
        if name.endswith(KERNEL):
            taps = to_float32(tensor).squeeze() if tensor.array.size == usual.size else None
            if taps is None or taps.shape != usual.shape or not np.allclose(taps, usual, atol=KERNEL_TOLERANCE):
                raise UnsupportedFile(
                    f"The filter `{shown(name, 80)}` is not the [1, 3, 3, 1] of published networks; this program does "
                    "not know such networks."
                )
    return {name: tensor for name, tensor in tensors.items() if not name.endswith(KERNEL)}


def styles_with_one(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """With the biases of styles that the file writes as their difference from 1."""
    biases = {name: tensor for name, tensor in tensors.items() if name.endswith(".affine.bias")}
    whole = {name: replace(bias, array=to_float32(bias) + 1, dtype="float32") for name, bias in biases.items()}
    return {**tensors, **whole}


# ----------------------------------------------------------------------------
# The network of them.


def saved_stylegan2(
    config: StyleGan2Config, tensors: Mapping[str, StoredTensor], taps: Sequence[float] = BINOMIAL
) -> SavedNetwork:
    """As this program writes it. taps: the resampling filter along one axis, by default that of published networks."""
    kernel = setup_filter(taps, separable=False).numpy()
    filters = dict.fromkeys(_filters(config), StoredTensor(kernel, "float32"))
    return SavedNetwork("stylegan2", asdict(config), {**filters, **tensors})


def _filters(config: StyleGan2Config) -> Iterator[str]:
    for i, r in enumerate(config.resolutions):
        parts = ["", "conv1."] if i == 0 else ["", "conv0.", "conv1."]
        parts += ["skip."] if i and config.architecture == "resnet" else []
        yield from (f"synthesis.b{r}.{part}resample_filter" for part in parts)


def noise_names(config: StyleGan2Config) -> list[tuple[str, tuple[int, int]]]:
    """The noise maps in layer order: name, height and width."""
    names = []
    for i, r in enumerate(config.resolutions):
        for conv in ("conv1",) if i == 0 else ("conv0", "conv1"):
            names.append((f"synthesis.b{r}.{conv}.noise_const", config.block_size(i)))
    return names


def made_up_noise(config: StyleGan2Config) -> dict[str, StoredTensor]:
    """Noise maps for a file that has none. The configuration must be a checked one."""
    names, sizes = zip(*noise_names(config), strict=True)
    return stored(dict(zip(names, drawn_noise(sizes), strict=True)))
