"""Networks of NVIDIA's TensorFlow code: pickled arguments and variables. The source inside of them is ignored."""

from __future__ import annotations

from core.base.errors import RefusedFile, UnsupportedFile
from core.base.whole import is_whole
from core.loading.common import policy
from core.loading.common.checkpoint import Plain, StoredTensor, TensorFlowNetwork
from core.loading.formats.persisted import ONLY_DISCRIMINATOR
from core.loading.formats.words import rank
from core.loading.pickles.records import Call, Record, entries, name_of
from core.loading.pickles.tensors import array_of, is_array, is_scalar, scalar_of, stored_array
from core.loading.pickles.values import Values

NETWORKS = ("dnnlib.tflib.network.Network", "tfutil.Network", "network.Network")
SNAPSHOT = ("G", "D", "Gs")  # what it holds; the last is the smoothed copy
MAX_COMPONENTS = 16
MAX_VARIABLES = 10_000
NUMBER_BITS = 64  # of a whole number that is a variable, with its sign

THEANO = "This is a progressive GAN from Theano, whose weights cannot be opened; get the TensorFlow version of it."
MALFORMED = "Refused: malformed network record."


def is_network(record: Record) -> bool:
    return isinstance(record, Call) and name_of(record) in NETWORKS


def tensorflow_network(root: Record) -> TensorFlowNetwork | None:
    """The generator of a snapshot, (G, D, Gs) or a dict of these, or a network that is alone; None if it is something
    else.

    Raises UnsupportedFile if there are only discriminators.
    """
    networks = _networks(root)
    if not networks:
        return None
    for key in sorted(networks, key=lambda key: rank(key)):
        found = _network(networks[key], Values())
        if not (found.name == "D" or found.function.startswith("D_")):
            return found
    raise UnsupportedFile(ONLY_DISCRIMINATOR)


def _networks(root: Record) -> dict[str, Record]:
    """The networks in a snapshot by name."""
    if is_network(root):
        return {"": root}
    if isinstance(root, (tuple, list)):
        inside = dict(zip(SNAPSHOT, root, strict=False))
        others = [item for item in root[: len(SNAPSHOT)] if item is not None]
        return {key: item for key, item in inside.items() if is_network(item)} if all(map(is_network, others)) else {}
    return {key: item for key, item in (entries(root) or {}).items() if is_network(item)}


def _network(record: Record, values: Values, depth: int = 0) -> TensorFlowNetwork:
    state = entries(record.state) if isinstance(record, Call) else None
    if state is None or depth > 1:
        raise RefusedFile(MALFORMED)
    if "version" not in state:
        raise UnsupportedFile(THEANO)
    version, name, function = state["version"], state.get("name"), state.get("build_func_name")
    arguments = values.plain(state.get("static_kwargs"))
    components = entries(state.get("components")) or {}
    if not is_whole(version) or not isinstance(arguments, dict) or len(components) > MAX_COMPONENTS:
        raise RefusedFile(MALFORMED)
    for argument, value in arguments.items():
        if isinstance(argument, str):
            policy.check_setting(argument, value)
    return TensorFlowNetwork(
        name=name if isinstance(name, str) else "",
        version=version,
        function=function if isinstance(function, str) else "",
        arguments=_named(arguments),
        variables=_variables(state.get("variables")),
        components={key: _network(component, values, depth + 1) for key, component in components.items()},
    )


def _named(arguments: dict[object, Plain]) -> dict[str, Plain]:
    return {name: value for name, value in arguments.items() if isinstance(name, str)}


def _variables(pairs: Record) -> dict[str, StoredTensor]:
    if not isinstance(pairs, list) or len(pairs) > MAX_VARIABLES:
        raise RefusedFile(MALFORMED)
    variables: dict[str, StoredTensor] = {}
    for pair in pairs:
        match pair:
            case (str(name), Call() as value) if is_array(value):
                variables[name] = stored_array(array_of(value))
            case (str(name), Call() as value) if is_scalar(value):
                variables[name] = stored_array(scalar_of(value))
            case (str(name), float() as number):
                variables[name] = stored_array(number)
            case (str(name), int() as whole) if whole.bit_length() < NUMBER_BITS:
                variables[name] = stored_array(whole)
            case _:
                raise RefusedFile(MALFORMED)
    return variables
