"""Networks that are recognised by the names in them but cannot be opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.loading.common.checkpoint import Content, Node, SavedNetwork, StateDict, TensorFlowNetwork
from core.loading.formats.inventory import largest_tensors, what_tensors, what_there_is
from core.loading.formats.state_dicts import is_tensor
from core.loading.pickles.records import Call, Global, Record, name_of
from core.loading.pickles.tensors import Tensors

OPENS = "The README lists the files that can be opened"


@dataclass(frozen=True)
class Relative:
    """A layout of tensors by name, in which all of `keys` are present."""

    name: str
    keys: tuple[str, ...]


RELATIVES = (
    Relative("the synthesis of a StyleGAN1 network without its mapping", ("progression.0.conv1.input",)),
    Relative("the synthesis of a StyleGAN2 network without its mapping", ("synthesis.b4.const",)),
    Relative("the synthesis of a StyleGAN3 network without its mapping", ("synthesis.input.freqs",)),
)

# Generators that are ordinary pickled modules: module -> name.
MODULES = {
    "pg_modules.networks_fastgan": "a FastGAN network of projected-gan",
    "training.networks_fastgan": "a FastGAN network of projected-gan",
    "networks.generator": "a StyleGAN-T network, which draws from text",
}


def refuse_root(root: Record) -> UnsupportedFile:
    """The error about a file in which nothing was found that could be a generator."""
    return UnsupportedFile(f"It is readable, but {what_there_is(root)}. {OPENS}.")


def refuse_content(content: Content) -> UnsupportedFile:
    """The error that names a network that is of no family of this program."""
    match content:
        case SavedNetwork(family=family):
            return UnsupportedFile(
                f"The network is of the family `{shown(family)}`, which this version does not know; "
                "open it with the version that wrote it."
            )
        case Node(class_name=name):
            return UnsupportedFile(f"The generator is of class `{shown(name)}`, which this program does not know.")
        case StateDict():
            return _refuse_tensors((content, *content.others))
        case TensorFlowNetwork(variables=own, components=parts):
            variables = {f"{part}/{name}": t for part, inner in parts.items() for name, t in inner.variables.items()}
            return UnsupportedFile(
                f"This is a TensorFlow network without the parts of a generator. {OPENS}; a report should quote "
                f"{largest_tensors({**own, **variables})}."
            )


def _refuse_tensors(candidates: Sequence[StateDict]) -> UnsupportedFile:
    for candidate in candidates:
        named = next((r.name for r in RELATIVES if set(r.keys) <= candidate.tensors.keys()), None)
        if named is not None:
            return UnsupportedFile(f"This is {named}, which cannot be opened. {OPENS}.")
    return UnsupportedFile(what_tensors(candidates, OPENS))


def refuse_known(record: Record, tensors: Tensors) -> None:
    """Raises UnsupportedFile if a generator is of a known kind that cannot be opened, or is a single tensor."""
    if isinstance(record, Call) and is_tensor(record):
        tensors.read(record, "G_ema")
        raise UnsupportedFile(f"Its `G_ema` is a single tensor, no generator. {OPENS}.")
    target = record.target if isinstance(record, Call) else None
    if isinstance(target, Global) and target.module in MODULES and target.name == "Generator":
        raise UnsupportedFile(f"This is {MODULES[target.module]}, which cannot be opened. {OPENS}.")


def refuse_module(record: Record) -> UnsupportedFile:
    """The error that names a generator which is neither a network nor a module with tensors."""
    if name_of(record).startswith("dill."):
        return UnsupportedFile("The generator contains Python functions; only data can be loaded.")
    return UnsupportedFile(
        f"The generator is of class `{shown(name_of(record), 80)}`, which this program does not know. {OPENS}."
    )
