"""The inert records that a pickle is read into. Nothing here imports, calls or resolves what it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

# None, bool, int, float, str, memoryview (bytes of the file), tuple, list, or a class below. Lists and records may
# refer to themselves, and shared parts may be nested to any depth: never print, compare or copy one.
Record: TypeAlias = object


@dataclass(frozen=True, slots=True)
class Global:
    """A name the file refers to."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False, repr=False)
class Pairs:
    """A dict, kept as pairs since its keys may be records."""

    pairs: list[tuple[Record, Record]] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Members:
    """A set."""

    items: list[Record] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Call:
    """An object the file wants made: by a call of `target`, then a state, items and pairs given to it."""

    target: Record  # Global, or Call
    args: tuple[Record, ...]
    has_state: bool = False
    state: Record = None
    items: list[Record] = field(default_factory=list)
    pairs: list[tuple[Record, Record]] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Persistent:
    """A reference to something kept outside of the pickle, such as the bytes of a tensor."""

    key: Record


PERSISTENCE = Global("torch_utils.persistence", "_reconstruct_persistent_obj")

ORDERED_DICT = Global("collections", "OrderedDict")
DICT_LIKE = frozenset(
    {
        ORDERED_DICT,
        Global("dnnlib.util", "EasyDict"),
        Global("dnnlib", "EasyDict"),
        Global("argparse", "Namespace"),
        Global("models.utils.config", "BaseConfig"),  # of pytorch_GAN_zoo
        Global("builtins", "dict"),
        Global("__builtin__", "dict"),
        Global("types", "SimpleNamespace"),
        Global("collections", "defaultdict"),
        Global("collections", "Counter"),
    }
)


# How programs refer to an attribute, and to a module, when a single name does not do: those of dill among them.
GETATTR = frozenset(
    {
        Global("builtins", "getattr"),
        Global("__builtin__", "getattr"),
        Global("dill._dill", "_get_attr"),
        Global("dill.dill", "_get_attr"),
    }
)
IMPORT_MODULE = frozenset({Global("dill._dill", "_import_module"), Global("dill.dill", "_import_module")})


def attribute_named_by(call: Call) -> tuple[str, str] | None:
    """The module (or class) and the name that a call of `getattr` refers to; None if it is of an object, or no such
    call."""
    if not (isinstance(call.target, Global) and call.target in GETATTR):
        return None
    match call.args:
        case (Global() as owner, str(name), *_):
            return str(owner), name
        case (Call(target=Global() as target, args=(str(module), *_)), str(name), *_) if target in IMPORT_MODULE:
            return module, name
    return None


def is_call(record: Record, *targets: Global) -> bool:
    return isinstance(record, Call) and isinstance(record.target, Global) and record.target in targets


def pairs_of(record: Record) -> list[tuple[Record, Record]] | None:
    """The pairs of a dict or of one of the known dict-like objects; None if it is something else."""
    if isinstance(record, Pairs):
        return record.pairs
    if not (isinstance(record, Call) and isinstance(record.target, Global) and record.target in DICT_LIKE):
        return None
    pairs = list(record.pairs)
    if record.args and isinstance(record.args[0], list):  # OrderedDict([[key, value], ...]) of Python 2
        pairs += [(p[0], p[1]) for p in record.args[0] if isinstance(p, (list, tuple)) and len(p) == 2]
    if record.args and isinstance(record.args[0], Pairs):  # Counter({key: value})
        pairs += record.args[0].pairs
    if record.target not in (ORDERED_DICT,) and isinstance(record.state, Pairs):
        pairs += record.state.pairs
    return pairs


def entries(record: Record) -> dict[str, Record] | None:
    """The entries of a dict under text keys; None if the record is no dict."""
    pairs = pairs_of(record)
    return None if pairs is None else {key: value for key, value in pairs if isinstance(key, str)}


def name_of(record: Record) -> str:
    """What a record is, in one word for a message. Not yet safe to show."""
    while isinstance(record, Call):
        record = record.target
    if isinstance(record, Global):
        return str(record)
    return type(record).__name__
