"""Pickled networks of NVIDIA's PyTorch code: from inert records to nodes. The source inside of a record is ignored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.base.errors import RefusedFile, UnsupportedFile
from core.base.text import shown
from core.base.whole import is_whole
from core.loading.common import policy
from core.loading.common.checkpoint import Node, Plain, StoredTensor
from core.loading.formats.choice import choice_notes
from core.loading.formats.state_dicts import Place
from core.loading.formats.words import UNLIKELY, rank
from core.loading.pickles.records import PERSISTENCE, Call, Global, Record, entries, is_call, name_of
from core.loading.pickles.tensors import Tensors
from core.loading.pickles.values import Values

RECORD_VERSION = 6  # the only one in public code
ONLY_DISCRIMINATOR = "It holds only a discriminator, no generator; use the complete snapshot."
MAX_NODES = 20_000
MAX_NODE_DEPTH = 30

# Generators that are pickled as ordinary modules: those of R3GAN.
PLAIN_GENERATORS = frozenset(
    {Global("training.networks", "Generator"), Global("training.networks_baseline", "Generator")}
)

# Ordinary modules that occur inside of known generators: of torch, and of R3GAN.
PLAIN_MODULES = frozenset(
    {
        Global("torch.nn.modules.sparse", "Embedding"),
        Global("torch.nn.modules.conv", "Conv2d"),
        Global("torch.nn.modules.linear", "Linear"),
        Global("torch.nn.modules.container", "ModuleList"),
        *(
            Global(f"{package}.{module}", name)
            for package in ("R3GAN", "BaselineGAN")
            for module, names in {
                "Networks": "Generator GeneratorStage GenerativeBasis UpsampleLayer ResidualBlock Convolution",
                "Resamplers": "InterpolativeUpsamplerCUDA InterpolativeUpsamplerReference",
                "FusedOperators": "BiasedActivationCUDA BiasedActivationReference",
            }.items()
            for name in names.split()
        ),
    }
)

# What torch.nn.Module keeps for itself.
MODULE_FIELDS = """
    _parameters _buffers _modules _non_persistent_buffers_set _backward_hooks _forward_hooks _forward_pre_hooks
    _state_dict_hooks _load_state_dict_pre_hooks _is_full_backward_hook _backward_pre_hooks
    _forward_hooks_with_kwargs _forward_hooks_always_called _forward_pre_hooks_with_kwargs _state_dict_pre_hooks
    _load_state_dict_post_hooks
"""
BOOKKEEPING = frozenset(MODULE_FIELDS.split())


@dataclass(frozen=True, eq=False)
class Persisted:
    """The parts of a persistence record that count."""

    class_name: str
    state: dict[str, Record]


def is_persisted(record: Record) -> bool:
    return is_call(record, PERSISTENCE)


def is_plain_generator(record: Record) -> bool:
    """Whether it is one of the generators that are pickled as ordinary modules."""
    return is_call(record, *PLAIN_GENERATORS)


def open_record(record: Call) -> Persisted:
    """Raises RefusedFile if the record is malformed, or of a version that nobody has."""
    fields = entries(record.args[0]) if len(record.args) == 1 else None
    if fields is None or record.has_state or record.items or record.pairs:
        raise RefusedFile("Refused: malformed network record.")
    version = fields.get("version")
    if not is_whole(version) or version != RECORD_VERSION:
        number = version if is_whole(version) else "?"
        raise RefusedFile(f"Network version {number} record: unknown persistence version; get the original file.")
    class_name, state = fields.get("class_name"), entries(fields.get("state"))
    if fields.get("type") != "class" or not isinstance(class_name, str) or state is None:
        raise RefusedFile("Refused: malformed network record.")
    return Persisted(class_name[: policy.MAX_KEY], state)


@dataclass
class NodeBuilder:
    """Makes nodes of the records of one generator."""

    tensors: Tensors
    values: Values
    nodes: int = 0

    def build(self, record: Record, path: str = "") -> Node:
        """The node at `path`. Raises UnsupportedFile if it needs something that is not plain data."""
        self.nodes += 1
        if self.nodes > MAX_NODES or path.count(".") > MAX_NODE_DEPTH:
            raise RefusedFile("Refused: structure too large or recursive.")
        class_name, state = self._open(record, path)
        prefix = f"{path}." if path else ""
        tensors: dict[str, StoredTensor] = {}
        for group in ("_parameters", "_buffers"):
            for name, tensor in self._group(state, group, path).items():
                if tensor is not None:
                    tensors[name] = self.tensors.read(tensor, prefix + name)
        children = {
            name: self.build(child, prefix + name)
            for name, child in self._group(state, "_modules", path).items()
            if child is not None
        }
        return Node(class_name, self._attributes(state), tensors, children)

    def _open(self, record: Record, path: str) -> tuple[str, dict[str, Record]]:
        if isinstance(record, Call) and is_persisted(record):
            opened = open_record(record)
            return opened.class_name, opened.state
        state = entries(record.state) if isinstance(record, Call) else None
        known = PLAIN_MODULES if path else PLAIN_GENERATORS
        if isinstance(record, Call) and isinstance(record.target, Global) and record.target in known and state:
            return record.target.name, state
        where = f" at `{shown(path, 80)}`" if path else ""
        if name_of(record).startswith("dill."):
            raise UnsupportedFile(f"The generator contains Python functions{where}; only data can be loaded.")
        raise UnsupportedFile(
            f"The generator contains `{shown(name_of(record), 80)}`{where}, which this program does not know."
        )

    def _group(self, state: dict[str, Record], group: str, path: str) -> dict[str, Record]:
        found = entries(state.get(group))
        if found is None:
            where = shown(path or "the top", 80)
            raise RefusedFile(f"Refused: the module at `{where}` has no `{group}`; the file is damaged.")
        for name in found:
            if not name or "." in name:
                raise RefusedFile(f"Refused: `{shown(name, 80)}` cannot be the name of a tensor or module.")
        return found

    def _attributes(self, state: dict[str, Record]) -> dict[str, Plain]:
        attributes: dict[str, Plain] = {}
        for name, value in state.items():
            if name not in BOOKKEEPING:
                attributes[name] = self.values.plain(value)
                policy.check_setting(name, attributes[name])
        return attributes


# ----------------------------------------------------------------------------
# Which of the networks of a snapshot.


@dataclass(frozen=True, eq=False)
class Choice:
    """The record of the generator of a file."""

    record: Record
    notes: tuple[str, ...] = ()
    training_set: Record = None


def choose(root: Record, networks: Sequence[tuple[Place, Call]], *, alone: bool) -> Choice | None:
    """The generator of a snapshot: `G_ema`, else `G`, else the likeliest of its `networks`. None if there is none.

    alone: there are no other tensors in the file. Raises UnsupportedFile if it then holds only discriminators.
    """
    snapshot = entries(root) or {}
    training_set = snapshot.get("training_set_kwargs")
    if isinstance(smoothed := snapshot.get("G_ema"), Call):
        return Choice(smoothed, training_set=training_set)
    if is_network(training := snapshot.get("G")):
        note = "The smoothed copy `G_ema` is missing from this file: the training generator `G` was loaded."
        return Choice(training, (note,), training_set)
    likely = sorted((one for one in networks if rank(*one[0]) < UNLIKELY), key=lambda one: rank(*one[0]))
    if likely:
        place, record = likely[0]
        generators, rest = ([".".join(p) for p, _ in some if p != place] for some in (likely, networks))
        return Choice(record, choice_notes(".".join(place), generators, rest), training_set)
    if networks and alone:
        raise UnsupportedFile(ONLY_DISCRIMINATOR)
    return None


def is_network(record: Record) -> bool:
    """Whether it is a pickled network of the official code, or one of the generators pickled as ordinary modules."""
    return is_persisted(record) or is_plain_generator(record)


def build_generator(choice: Choice, tensors: Tensors) -> Node:
    """Raises UnsupportedFile if the record is no whole generator."""
    assert isinstance(choice.record, Call)
    if is_plain_generator(choice.record):
        return NodeBuilder(tensors, Values()).build(choice.record)
    class_name = shown(open_record(choice.record).class_name, 80)
    if class_name == "TriPlaneGenerator":  # has parts that are no plain data
        raise UnsupportedFile("This is an EG3D network, which makes 3-D scenes; this version cannot open it yet.")
    if "Discriminator" in class_name:
        raise UnsupportedFile(ONLY_DISCRIMINATOR)
    node = NodeBuilder(tensors, Values()).build(choice.record)
    if class_name == "Generator" and not {"mapping", "synthesis"} <= node.children.keys():
        raise UnsupportedFile("Its `Generator` has no mapping or no synthesis network; get the original file.")
    return node
