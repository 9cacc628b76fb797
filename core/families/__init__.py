"""The network families, and the layouts in which files have them. A new one is a file here and one line below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from core.base.errors import CheckpointError
from core.families.architectures.biggan import BigGanFamily
from core.families.architectures.dcgan import DcGanFamily
from core.families.architectures.progan import ProGanFamily
from core.families.architectures.r3gan import R3GanFamily
from core.families.architectures.stylegan1 import StyleGan1Family
from core.families.architectures.stylegan2 import StyleGan2Family
from core.families.architectures.stylegan2_pytorch import LucidrainsStyleGan2Family
from core.families.architectures.stylegan3 import StyleGan3Family
from core.families.architectures.vqgan import TamingLayout, VqganFamily
from core.families.layouts.biggan.ajbrock import BigGanLayout
from core.families.layouts.biggan.huggingface import BigGanDeepLayout
from core.families.layouts.biggan.studiogan import StudioGanLayout
from core.families.layouts.dcgan.in_order import DcGanInOrderLayout
from core.families.layouts.dcgan.zoo import ZooDcGanLayout
from core.families.layouts.progan.genforce import GenforceProGanLayout
from core.families.layouts.progan.ports import GanDissectLayout, GanZooLayout
from core.families.layouts.progan.pro_gan_pytorch import ProGanPytorchLayout
from core.families.layouts.progan.tensorflow import TensorFlowProGanLayout
from core.families.layouts.stylegan1.genforce import GenforceStyleGan1Layout
from core.families.layouts.stylegan1.lernapparat import LernapparatLayout
from core.families.layouts.stylegan1.rosinality import RosinalityStyleGan1Layout
from core.families.layouts.stylegan1.stylegan_pytorch import StyleGanPytorchLayout
from core.families.layouts.stylegan1.tensorflow import TensorFlowStyleGan1Layout
from core.families.layouts.stylegan1.zoo import ZooStyleGan1Layout
from core.families.layouts.stylegan2.basicsr import BasicSrLayout
from core.families.layouts.stylegan2.genforce import GenforceStyleGan2Layout
from core.families.layouts.stylegan2.official import OfficialStyleGan2Layout
from core.families.layouts.stylegan2.rosinality import RosinalityStyleGan2Layout
from core.families.layouts.stylegan2.tensorflow import TensorFlowStyleGan2Layout
from core.families.layouts.stylegan3.alias_free import AliasFreeLayout
from core.families.layouts.stylegan3.official import OfficialStyleGan3Layout
from core.families.unsupported import UnsupportedFamily
from core.loading.common.checkpoint import Content, Node, SavedNetwork, StateDict, TensorFlowNetwork
from core.loading.formats.choice import named_part, notes_on, other_generators, unreadable
from core.loading.formats.snapshot import Module
from core.loading.formats.unsupported import refuse_content
from core.request import ModelInfo
from core.synthesis.generator import Generator


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


@runtime_checkable
class Layout(Protocol):
    """A way in which other programs store the networks of a family by the names of their tensors."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        """Decided by the names of the tensors, never by a file's name."""
        ...

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        """The same network as this program writes it, and notes for the user.

        Raises CheckpointError if tensors are missing or contradict each other.
        """
        ...


@runtime_checkable
class ClassesInZ(Protocol):
    """A family whose networks may read a class after z, of which a file need not tell."""

    def with_classes(self, content: SavedNetwork, count: int) -> SavedNetwork:
        """The same network, which takes the last `count` numbers of its z for a class."""
        ...


# Relatives first: some have the structure of a family and more.
FAMILIES: tuple[Family, ...] = (
    UnsupportedFamily(),
    StyleGan2Family(),
    StyleGan3Family(),
    StyleGan1Family(),
    ProGanFamily(),
    VqganFamily(),
    BigGanFamily(),
    R3GanFamily(),
    LucidrainsStyleGan2Family(),
    DcGanFamily(),  # last: it takes any row of transposed convolutions
)

# In the order in which they are asked. A family whose networks other programs store in one way is its own layout.
LAYOUTS: tuple[Layout, ...] = (
    TensorFlowStyleGan2Layout(),
    RosinalityStyleGan2Layout(),
    BasicSrLayout(),
    GenforceStyleGan2Layout(),
    OfficialStyleGan2Layout(),
    OfficialStyleGan3Layout(),
    AliasFreeLayout(),
    TensorFlowStyleGan1Layout(),
    LernapparatLayout(),
    RosinalityStyleGan1Layout(),
    GenforceStyleGan1Layout(),
    StyleGanPytorchLayout(),
    ZooStyleGan1Layout(),
    TensorFlowProGanLayout(),
    GanZooLayout(),
    GanDissectLayout(),
    GenforceProGanLayout(),
    ProGanPytorchLayout(),
    TamingLayout(),
    BigGanDeepLayout(),
    BigGanLayout(),
    StudioGanLayout(),
    ZooDcGanLayout(),
    *(family for family in FAMILIES if isinstance(family, Layout)),
    DcGanInOrderLayout(),  # last: it has no names to go by
)

# A row of convolutions may be a part of any network: these are asked when no other knows a part of the file.
STRICT, LOOSE = LAYOUTS[:-2], LAYOUTS[-2:]


@dataclass(frozen=True, eq=False)
class Recognised:
    """A network and its family, which builds and describes it."""

    family: Family
    content: Node | SavedNetwork
    notes: tuple[str, ...] = ()
    source: StateDict | None = None  # the part of a file whose names tell it, if names do

    def describe(self) -> ModelInfo:
        with named_part(self.source):
            return self.family.describe(self.content)

    @property
    def takes_classes(self) -> bool:
        """Whether the last numbers of its z may be a class. If it has classes already, its file tells them."""
        return isinstance(self.family, ClassesInZ) and isinstance(self.content, SavedNetwork)

    def with_classes(self, count: int) -> Recognised:
        """The same, which takes the last `count` numbers of its z for a class; only if it `takes_classes`."""
        assert isinstance(self.family, ClassesInZ)
        assert isinstance(self.content, SavedNetwork)
        return replace(self, content=self.family.with_classes(self.content, count))

    def build(self) -> tuple[Generator, tuple[str, ...]]:
        with named_part(self.source):
            generator, notes = self.family.build(self.content)
        return generator, (*self.notes, *notes)


def family_of(content: Node | SavedNetwork) -> Family:
    """The family of a network. Raises UnsupportedFile if it is of none."""
    family = next((family for family in FAMILIES if family.detect(content)), None)
    if family is None:
        raise refuse_content(content)
    return family


def recognise(content: Content) -> Recognised:
    """The family of a network, whatever layout it is in, and wherever in its file it is.

    Raises UnsupportedFile if it is of none, and what the layout raises that recognised it.
    """
    match content:
        case StateDict():
            return _recognised_by_names(content)
        case TensorFlowNetwork():
            layout = next((layout for layout in LAYOUTS if layout.recognises(content)), None)
            if layout is None:
                raise refuse_content(content)
            saved, notes = _saved(layout, content)
            return Recognised(family_of(saved), saved, notes)
    return Recognised(family_of(content), content)


def _recognised_by_names(content: StateDict) -> Recognised:
    contents = (content, *content.others)
    for layouts, possible in ((STRICT, contents), (LOOSE, [one for one in contents if not one.partial])):
        for layout, found in ((layout, one) for one in possible for layout in layouts if _recognises(layout, one)):
            alike = other_generators(found, [one for one in possible if _recognises(layout, one)])
            saved, notes, taken = _first_saved(layout, (found, *alike))
            notes += notes_on(taken, [one for one in (found, *alike) if one is not taken], contents)
            return Recognised(family_of(saved), saved, notes, taken)
    raise refuse_content(content)


def _recognises(layout: Layout, content: StateDict) -> bool:
    try:
        return layout.recognises(content)
    except CheckpointError:  # a tensor that cannot be read, perhaps of a part that nobody wants
        return False


def _first_saved(layout: Layout, contents: Sequence[StateDict]) -> tuple[SavedNetwork, tuple[str, ...], StateDict]:
    """The first of these that can be read, and notes, also about those before it that cannot."""
    failed: list[tuple[StateDict, CheckpointError]] = []
    for one in contents:
        try:
            saved, notes = _saved(layout, replace(one, wrapper="") if failed else one)  # no copy is missing then
        except CheckpointError as error:
            failed.append((one, error))
            continue
        return saved, (*notes, *(unreadable(one, error) for one, error in failed)), one
    with named_part(failed[0][0]):
        raise failed[0][1]


def _saved(layout: Layout, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
    with np.errstate(all="ignore"):  # what is NaN or infinite is told when the network is built
        return layout.saved(content)
