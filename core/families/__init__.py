"""The network families, in the order in which they are asked. A new family is one file here and one line below."""

from __future__ import annotations

from typing import Protocol

from core.errors import UnsupportedFile
from core.generator import Generator
from core.loading.checkpoint import Node, SavedNetwork
from core.loading.snapshot import Module
from core.request import ModelInfo
from core.text import shown

from .relatives import Relatives
from .stylegan2 import StyleGan2Family
from .stylegan3 import StyleGan3Family


class Family(Protocol):
    """Recognises the networks of one kind, describes them and builds them."""

    key: str  # the name in files written by this program, e.g. "stylegan2"

    def detect(self, content: Node | SavedNetwork) -> bool:
        """Whether the content is of this family; decided by structure, never by a file's name."""
        ...

    def describe(self, content: Node | SavedNetwork) -> ModelInfo:
        """The facts about the network, without copying its tensors.

        Raises CheckpointError if a setting is unreasonable or contradicts the shapes.
        """
        ...

    def build(self, content: Node | SavedNetwork) -> tuple[Generator, tuple[str, ...]]:
        """The network on the CPU in float32, ready to run, and notes for the user (extra keys, NaN in a tensor, ...).

        Raises CheckpointError if tensors are missing or do not fit, naming the first five.
        """
        ...

    def save(self, generator: Generator) -> SavedNetwork | None:
        """The configuration and tensors that `build` makes the same network of; None if it is of another family."""
        ...

    def snapshot(self, generator: Generator) -> Module | None:
        """The same as the official code has it in its pickles; None if it is of another family, or there is none."""
        ...


# Relatives first: some have the structure of a family and more.
FAMILIES: tuple[Family, ...] = (Relatives(), StyleGan2Family(), StyleGan3Family())


def family_of(content: Node | SavedNetwork) -> Family:
    """The family of a network. Raises UnsupportedFile if it is of none."""
    for family in FAMILIES:
        if family.detect(content):
            return family
    if isinstance(content, SavedNetwork):
        raise UnsupportedFile(
            f"The network is of the family `{shown(content.family)}`, which this version does not know; "
            "open it with the version that wrote it."
        )
    raise UnsupportedFile(
        f"The generator is of class `{shown(content.class_name)}`, which this program does not know. "
        "Known: StyleGAN2 and StyleGAN3 of NVIDIA's PyTorch code."
    )
