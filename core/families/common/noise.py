"""Noise maps of other sizes than the picture needs, as tools that change the size of a network leave them."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from core.families.common.tensor_renaming import drawn_noise, stored
from core.loading.common.checkpoint import StoredTensor

NAME = ".noise_const"  # what the names of noise maps end with


def with_fitting_noise(
    network: nn.Module, tensors: Mapping[str, StoredTensor]
) -> tuple[Mapping[str, StoredTensor], tuple[str, ...]]:
    """The tensors of a file with noise maps from a seed in place of those that do not fit, and a note of it."""
    wanted = {name: tuple(t.shape) for name, t in network.state_dict().items() if name.endswith(NAME)}
    odd = [name for name, size in wanted.items() if name in tensors and tensors[name].shape != size]
    if not odd:
        return tensors, ()
    drawn = stored(dict(zip(wanted, drawn_noise((size[0], size[1]) for size in wanted.values()), strict=True)))
    note = (
        f"{len(odd)} of its {len(wanted)} noise maps have other sizes than its pictures need and were left out; they "
        "are drawn from a seed."
    )
    return {**tensors, **{name: drawn[name] for name in odd}}, (note,)
