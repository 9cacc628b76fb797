"""The arguments and variables of pickled TensorFlow networks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.base.text import shown
from core.families.common.grown import MAX_BLOCKS
from core.families.common.records import MAX_CLASSES, MAX_NAMED, MAX_RESOLUTION, Settings, agree, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, equalised, oihw
from core.loading.common.checkpoint import StoredTensor, TensorFlowNetwork

ONLY_TRAINING = "The smoothed copy `Gs` is missing from this file: the training generator `G` was loaded."

# Arguments that shapes tell better, or that concern training only.
TRAINING = """
    components dlatent_avg_beta dlatent_broadcast dtype fmap_base fmap_decay fmap_max fmap_min force_clean_graph
    is_template_graph is_training is_validation mapping_fmaps mapping_func randomize_noise structure
    style_mixing_prob synthesis_func truncation_cutoff_val truncation_psi_val
"""
IGNORED = frozenset(TRAINING.split())


class Arguments:
    """Those of a network and its components. What was asked for is remembered, so that the rest can be told."""

    def __init__(self, network: TensorFlowNetwork) -> None:
        parts = [*network.components.values(), network]  # where they differ, the whole network counts
        self._values = {name: value for part in parts for name, value in part.arguments.items()}
        self._settings = Settings(self._values, "static_kwargs")
        self._asked: set[str] = set()

    def about(self, name: str) -> Settings:
        self._asked.add(name)
        return self._settings

    def is_none(self, name: str) -> bool:
        """Whether it is given, as None."""
        self._asked.add(name)
        return name in self._values and self._values[name] is None

    def check(self, name: str, found: int) -> None:
        """Raises CheckpointError if an argument contradicts what was found in the variables."""
        if isinstance(found, bool):
            agree(f"`{name}`", self.about(name).flag(name, found), found)
        else:
            agree(f"`{name}`", self.about(name).integer(name, 0, max(MAX_CLASSES, MAX_RESOLUTION), found), found)

    def notes(self) -> tuple[str, ...]:
        """What nobody asked for."""
        unknown = sorted(self._values.keys() - self._asked - IGNORED)
        names = ", ".join(f"`{shown(name, 60)}`" for name in unknown[:MAX_NAMED])
        return (f"It was made with settings that this program does not know: {names}.",) if unknown else ()


def variables(network: TensorFlowNetwork) -> dict[str, StoredTensor]:
    """Its own and those of its components, e.g. "synthesis/4x4/Conv/weight"."""
    found = dict(network.variables)
    for name, component in network.components.items():
        found |= {f"{name}/{variable}": tensor for variable, tensor in component.variables.items()}
    return found


def block_names(names: Iterable[str], prefix: str = "") -> list[str]:
    """The names of the blocks, such as "synthesis/4x4/", in order. Raises CheckpointError if one is missing."""
    pattern = re.compile(rf"{prefix}(\d{{1,4}})x(\d{{1,4}})/")
    sizes = sorted({(int(m[1]), int(m[2])) for name in names if (m := pattern.match(name))})
    if not 1 <= len(sizes) <= MAX_BLOCKS:
        raise unreasonable("the number of blocks", len(sizes), f"1 to {MAX_BLOCKS}")
    height, width = sizes[0]
    expected = [(height << i, width << i) for i in range(len(sizes))]
    agree("its blocks", *(" ".join(f"{h}x{w}" for h, w in known) for known in (sizes, expected)))
    return [f"{prefix}{h}x{w}/" for h, w in sizes]


def rgb_tensors(file: Foreign, prefix: str = "") -> list[tuple[Array, Array]]:
    """Weight [out, in, 1, 1] and bias of the layers to RGB, of the finest level of detail first."""
    levels = range(file.count(f"{prefix}ToRGB_lod{{}}/weight", MAX_BLOCKS))
    names = [f"{prefix}ToRGB_lod{level}" for level in levels]
    return [(equalised(oihw(file.take(f"{name}/weight", 4)), 1.0), file.take(f"{name}/bias", 1)) for name in names]


def growth(file: Foreign, *names: str) -> tuple[float, tuple[str, ...]]:
    """The level of detail at which the training ended, as the first of these variables says, and notes."""
    found = [lod for name in names if (lod := file.number(name)) is not None]
    if not found or found[0] == 0:
        return 0.0, ()
    note = (
        f"The training of this network ended while it was growing, at the level of detail {found[0]:g}; its pictures "
        "are of that level, unless another one is chosen."
    )
    return found[0], (note,)
