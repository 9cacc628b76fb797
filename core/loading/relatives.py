"""Networks that are recognised by the names in them but cannot be opened yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.errors import UnsupportedFile
from core.text import shown

from .persisted import ONLY_DISCRIMINATOR
from .records import Call, Global, Members, Pairs, Persistent, Record, entries, name_of
from .tensors import Tensors

TENSORFLOW_NETWORKS = ("dnnlib.tflib.network.Network", "tfutil.Network", "network.Network")
DISCRIMINATOR_NAMES = ("D", "D_basic", "D_paper", "D_stylegan", "D_stylegan2")

OPENS = "This version opens StyleGAN2 and StyleGAN3 networks of NVIDIA's PyTorch code"
MAX_WALK = 200_000  # records looked at in search of names


@dataclass(frozen=True)
class Relative:
    """A layout of tensors by name: under one of `wrappers` ("" for the top), all of `keys` are present."""

    name: str
    wrappers: tuple[str, ...]
    keys: tuple[str, ...]


RELATIVES = (
    Relative(
        "a StyleGAN2 network in rosinality's layout",
        ("g_ema", "g", ""),
        ("convs.0.conv.weight", "to_rgb1.conv.weight"),
    ),
    Relative(
        "a pSp/e4e encoder with a StyleGAN2 decoder",
        ("state_dict",),
        ("decoder.convs.0.conv.weight",),
    ),
    Relative(
        "a StyleGAN1 network in rosinality's layout",
        ("g_running", "generator", ""),
        ("generator.progression.0.conv1.input",),
    ),
    Relative(
        "a StyleGAN1 network in rosinality's layout",
        ("g_running", "generator", ""),
        ("progression.0.conv1.input",),
    ),
    Relative(
        "a StyleGAN1 network in lernapparat's layout",
        ("",),
        ("g_mapping.dense0.weight", "g_synthesis.blocks.4x4.const"),
    ),
    Relative(
        "a StyleGAN2 network of lucidrains' stylegan2-pytorch",
        ("GAN",),
        ("GE.initial_block",),
    ),
    Relative(
        "a StyleGAN2 network of lucidrains' stylegan2-pytorch",
        ("GAN",),
        ("GE.to_initial_block.weight",),
    ),
    Relative(
        "a BigGAN-deep network in the Hugging Face layout",
        ("",),
        ("embeddings.weight", "generator.gen_z.weight_orig"),
    ),
    Relative(
        "a BigGAN network",
        ("", "state_dict"),
        ("linear.weight", "blocks.0.0.conv1.weight"),
    ),
    Relative(
        "a VQGAN",
        ("state_dict", ""),
        ("decoder.conv_in.weight", "quantize.embedding.weight"),
    ),
    Relative(
        "a VQGAN",
        ("state_dict", ""),
        ("decoder.conv_in.weight", "quantize.embed.weight"),
    ),
    Relative(
        "a VQGAN inside of a transformer",
        ("state_dict", ""),
        ("first_stage_model.decoder.conv_in.weight",),
    ),
    Relative(
        "a progressive GAN of pytorch_GAN_zoo",
        ("avgG", "netG"),
        ("formatLayer.module.weight",),
    ),
    Relative(
        "a progressive GAN of GAN dissection",
        ("", "state_dict"),
        ("layer1.conv.weight", "layer1.wscale.b"),
    ),
)

# Generators that are ordinary pickled modules: module -> name.
MODULES = {
    "training.networks": "an R3GAN network",
    "training.networks_baseline": "an R3GAN network",
    "pg_modules.networks_fastgan": "a FastGAN network of projected-gan",
    "training.networks_fastgan": "a FastGAN network of projected-gan",
    "networks.generator": "a StyleGAN-T network, which draws from text",
}


def refuse_root(root: Record) -> UnsupportedFile:
    """The error that names what a file without a generator of ours is."""
    networks = list(root) if isinstance(root, (tuple, list)) else [root]
    if networks and all(name_of(network) in TENSORFLOW_NETWORKS for network in networks[:4]):
        return _tensorflow(networks)
    named = next((r.name for r in RELATIVES if _matches(r, root)), None)
    if named is not None:
        return UnsupportedFile(f"This is {named}, which this version cannot open yet. {OPENS}.")
    if entries(root) is not None and any(isinstance(value, Call) and is_tensor(value) for value in _values(root)):
        return UnsupportedFile(f"This is a PyTorch file in a layout that this program does not know. {OPENS}.")
    return UnsupportedFile(f"It is readable, but no generator was found in it. {OPENS}.")


def refuse_module(record: Record, tensors: Tensors) -> UnsupportedFile:
    """The error that names a generator which is an ordinary pickled module, or no module at all."""
    if isinstance(record, Call) and is_tensor(record):
        tensors.read(record, "G_ema")
        return UnsupportedFile(f"Its `G_ema` is a single tensor, no generator. {OPENS}.")
    target = record.target if isinstance(record, Call) else None
    module = target.module if isinstance(target, Global) else ""
    if name_of(record) in TENSORFLOW_NETWORKS:
        return _tensorflow([record])
    if module in MODULES and isinstance(target, Global) and target.name == "Generator":
        return UnsupportedFile(f"This is {MODULES[module]}, which this version cannot open yet.")
    if name_of(record).startswith("dill."):
        return UnsupportedFile("The generator contains Python functions; only data can be loaded.")
    return UnsupportedFile(
        f"The generator is of class `{shown(name_of(record), 80)}`, which this program does not know. {OPENS}."
    )


# ----------------------------------------------------------------------------
# Layouts of tensors by name.


def _matches(relative: Relative, root: Record) -> bool:
    top = entries(root)
    if top is None:
        return False
    places = [top if wrapper == "" else entries(top.get(wrapper)) for wrapper in relative.wrappers]
    return any(set(relative.keys) <= _unwrapped(place) for place in places if place)


def _unwrapped(names: Iterable[str]) -> set[str]:
    """The names without the prefix that torch's DataParallel puts before all of them."""
    found = set(names)
    return {name.removeprefix("module.") for name in found} if all(n.startswith("module.") for n in found) else found


def is_tensor(call: Call) -> bool:
    return name_of(call).startswith(("torch._utils._rebuild", "torch._tensor._rebuild"))


def _values(root: Record) -> list[Record]:
    top = entries(root) or {}
    inner = [list((entries(value) or {}).values()) for value in top.values()]
    return [*top.values(), *(value for values in inner for value in values)]


# ----------------------------------------------------------------------------
# TensorFlow.


def _tensorflow(networks: list[Record]) -> UnsupportedFile:
    states = [entries(n.state) or {} for n in networks if isinstance(n, Call)]
    names = [state.get("name") for state in states]
    if names and all(name in DISCRIMINATOR_NAMES for name in names):
        return UnsupportedFile(ONLY_DISCRIMINATOR)
    texts = set(_texts(networks[-1]))
    if any(text.endswith("Conv/mod_weight") for text in texts):
        what = "a StyleGAN2 network from TensorFlow"
        if any("SelfAtten" in text or "attention" in text.lower() for text in texts):
            what += " with self-attention (a fork)"
        advice = "Convert it with `legacy.py` of NVIDIA's stylegan3, then open the result."
    elif any("StyleMod" in text for text in texts):
        what, advice = "a StyleGAN1 network from TensorFlow", OPENS + "."
    else:
        what, advice = "a progressive GAN from TensorFlow", OPENS + "."
    return UnsupportedFile(f"This is {what}, which this version cannot open yet. {advice}")


def _texts(root: Record) -> Iterator[str]:
    """The texts inside of a record, as far as a limited walk finds them."""
    waiting: list[Record] = [root]
    seen: set[int] = set()
    while waiting and len(seen) < MAX_WALK:
        record = waiting.pop()
        if isinstance(record, str):
            if len(record) < 200:
                yield record
            continue
        if id(record) in seen:
            continue
        seen.add(id(record))
        match record:
            case tuple() | list():
                waiting.extend(record)
            case Members(items=items):
                waiting.extend(items)
            case Pairs(pairs=pairs):
                waiting.extend(item for pair in pairs for item in pair)
            case Call(args=args, state=state):
                waiting.extend((*args, state))
            case Persistent(key=key):
                waiting.append(key)
