"""Breeding: children of kept requests, each a plain request, crossed by groups of layers. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from core.request import (
    SEEDS_PER_ROW,
    UNEDITED,
    Label,
    Latent,
    LayerEdit,
    ModelInfo,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    Space,
    StyleSource,
    Truncates,
)
from core.request.edits import edit_at, shares, trimmed
from core.request.mixtures import has_z, mixture
from core.request.seeds import z_of

LEAST, MOST = 2, 8  # parents
MOST_CHILDREN = 64
MAX_SOURCES = 12  # of a child: those with the largest parts stay
GROUPS = ((0, 4), (4, 8), (8, 1024))  # coarse, middle and fine entries of ws
LAST_SEED = 2**31 - 1
TRIES = 16  # for a child that there is not yet
PSI_SPREAD, PSI_RANGE = 0.15, (-1.0, 2.0)
OF_CODES = "Breeding crosses w or z; a grid of codes has neither."


@dataclass(frozen=True)
class Breeding:
    """How children are made. The same gives the same children, and more of them begin with those."""

    count: int = 12
    strength: float = 0.3  # of what is new in each group of layers, in standard deviations
    seed: int = 0
    psi: bool = False  # whether psi varies, too
    noise: bool = False  # whether each child has random noise of its own


def why_not(info: ModelInfo) -> str:
    """Why a network cannot breed; "": it can."""
    return OF_CODES if info.codes is not None else ""


def groups_of(num_ws: int) -> tuple[range, ...]:
    """The groups of layers that a child takes of one parent each; of a few layers, each by itself."""
    found = tuple(range(first, min(last, num_ws)) for first, last in GROUPS if first < num_ws)
    return found if len(found) > 1 else tuple(range(entry, entry + 1) for entry in range(num_ws))


def children(parents: Sequence[RenderRequest], breeding: Breeding, info: ModelInfo) -> tuple[RenderRequest, ...]:
    """Children of two or more requests of one network. Raises ValueError for fewer."""
    if len(parents) < LEAST:
        raise ValueError("children have two parents or more")
    found: dict[RenderRequest, None] = {}
    for number in range(breeding.count):
        child = parents[0]
        for attempt in range(TRIES):
            child = _child(parents, breeding, info, Random(f"{breeding.seed} {number} {attempt}"))
            if child not in found:
                break
        found[child] = None
    return tuple(found)


def _child(parents: Sequence[RenderRequest], breeding: Breeding, info: ModelInfo, random: Random) -> RenderRequest:
    groups = groups_of(info.num_ws)
    crosses = len(groups) > 1
    child = _crossed(parents, groups, info, random) if crosses else _between(parents, info, random)
    if breeding.strength:
        child = _mutated(child, groups, breeding.strength, info, random)
    if breeding.psi and info.truncates is not Truncates.NONE:
        low, high = PSI_RANGE
        psi = min(max(child.truncation.psi + random.gauss(0.0, PSI_SPREAD), low), high)
        child = replace(child, truncation=replace(child.truncation, psi=psi))
    if breeding.noise and info.has_noise:
        seed = random.randint(0, LAST_SEED)
        child = replace(child, noise=replace(child.noise, mode=NoiseMode.RANDOM, seed=seed))
    return child


# ----------------------------------------------------------------------------
# Crossing.


def _crossed(
    parents: Sequence[RenderRequest], groups: Sequence[range], info: ModelInfo, random: Random
) -> RenderRequest:  # fmt: skip
    """Each group of layers of one parent, not all of the same; what has no layer is that of the first group's."""
    chosen = [random.choice(parents) for _ in groups]
    others = [parent for parent in parents if parent != chosen[0]]
    if others and all(parent == chosen[0] for parent in chosen):
        chosen[random.randrange(len(chosen))] = random.choice(others)
    of_entry = [parent for parent, group in zip(chosen, groups, strict=True) for _ in group]
    base = chosen[0]
    sources = _merged(source for parent, group in zip(chosen, groups, strict=True)
                      for source in _styles(parent, base, group, info))  # fmt: skip
    layers = [_edit_of(parent, base, entry) for entry, parent in enumerate(of_entry)]
    while layers and layers[-1] == UNEDITED:
        layers.pop()
    rows = {step.name: step.row for step in info.steps}
    styles = {
        (edit.layer, edit.channel): edit
        for parent in dict.fromkeys(chosen)
        for edit in parent.styles
        if of_entry[min(rows.get(edit.layer, 0), len(of_entry) - 1)] is parent
    }
    return replace(base, sources=sources, layers=tuple(layers), styles=tuple(styles.values()))


def _styles(parent: RenderRequest, base: RenderRequest, group: range, info: ModelInfo) -> Iterable[StyleSource]:
    """What the layers of a group get of a parent, as sources of the base."""
    taken = shares(replace(parent, layers=()), info.num_ws)
    heard = [[0.0 if edit_at(parent.layers, i).muted else part for i, part in enumerate(row)] for row in taken]
    parts = {entry: [row[entry] for row in heard] for entry in group}
    if parent.latent != base.latent or parent.label != base.label:
        own = [1.0 - sum(parts[entry]) if entry in parts else 0.0 for entry in range(group.stop)]
        yield StyleSource(parent.latent, _label(parent.latent, parent.label, base, info), parts=trimmed(own))
    for number, source in enumerate(parent.sources):
        own = [parts[entry][number] if entry in parts else 0.0 for entry in range(group.stop)]
        label = source.label if source.label is not None else parent.label
        label = _label(source.latent, label, base, info)
        yield StyleSource(source.latent, label, source.name, parts=trimmed(own))


def _label(latent: Latent, label: Label, base: RenderRequest, info: ModelInfo) -> Label:
    """The class of a source, where that of the base would count otherwise: also the one that its seed draws."""
    if not info.c_dim or label == base.label:
        return None
    if label is None and isinstance(latent, SeedPoint) and latent.x.is_integer() and latent.y.is_integer():
        return z_of(int(latent.x) + SEEDS_PER_ROW * int(latent.y), info.z_dim, info.c_dim)[1]
    return label


def _merged(sources: Iterable[StyleSource]) -> tuple[StyleSource, ...]:
    """Without those that do nothing, and with those of one style as one; of too many, what counts least is left out."""
    found: dict[tuple[Latent, Label, str], list[float]] = {}
    for source in sources:
        if not source.parts:
            continue
        parts = found.setdefault((source.latent, source.label, source.name), [])
        parts += [0.0] * (len(source.parts) - len(parts))
        for entry, part in enumerate(source.parts):
            parts[entry] += part
    most = sorted(found, key=lambda key: -sum(found[key]))[:MAX_SOURCES]
    return tuple(
        StyleSource(latent, label, name, parts=trimmed(parts))
        for (latent, label, name), parts in found.items() if (latent, label, name) in most
    )  # fmt: skip


def _edit_of(parent: RenderRequest, base: RenderRequest, entry: int) -> LayerEdit:
    """What a parent does at a layer, with its psi where that of the base would be another one."""
    edit = edit_at(parent.layers, entry)
    edit = UNEDITED if edit.muted else edit
    psi = edit.psi if edit.psi is not None else _psi_at(parent, entry)
    return replace(edit, psi=None if psi == _psi_at(base, entry) else psi)


def _psi_at(request: RenderRequest, entry: int) -> float:
    truncation = request.truncation
    return truncation.psi if truncation.cutoff is None or entry < truncation.cutoff else 1.0


def _between(parents: Sequence[RenderRequest], info: ModelInfo, random: Random) -> RenderRequest:
    """Where there are no groups of layers: on the way from one parent to another."""
    first, second = random.sample(list(parents), 2)
    part = random.uniform(0.2, 0.8)
    a, b = first.latent, second.latent
    space = Space.Z if has_z(a) and has_z(b) else Space.W
    if first.label == second.label or not info.c_dim:
        return replace(first, latent=mixture(((a, 1 - part, None), (b, part, None)), space))
    mixed = mixture(((a, 1 - part, first.label), (b, part, second.label)), space)
    return replace(first, latent=mixed, label=None)


# ----------------------------------------------------------------------------
# What is new.


def _mutated(
    child: RenderRequest, groups: Sequence[range], strength: float, info: ModelInfo, random: Random
) -> RenderRequest:  # fmt: skip
    """A Gaussian offset in each group of layers. Where a layer has one of its parent, that stays, and what the layer
    is made of goes a part of the way to a random seed instead."""
    layers = [edit_at(child.layers, entry) for entry in range(info.num_ws)]
    part = min(strength / 2**0.5, 0.5)  # two seeds are the square root of 2 standard deviations apart
    for group in groups:
        seed, free = random.randint(0, LAST_SEED), [entry for entry in group if not layers[entry].jitter]
        for entry in free:
            layers[entry] = replace(layers[entry], jitter=strength, jitter_seed=seed)
        if not free and len(child.sources) < MAX_SOURCES:
            parts = tuple(part if entry in group else 0.0 for entry in range(group.stop))
            kept = tuple(_scaled(source, group, 1 - part) for source in child.sources)
            new = StyleSource(SeedPoint(float(seed % 2**20)), parts=parts)
            child = replace(child, sources=(*kept, new))
    return replace(child, layers=tuple(layers))


def _scaled(source: StyleSource, group: range, factor: float) -> StyleSource:
    parts = (part * factor if entry in group else part for entry, part in enumerate(source.parts))
    return replace(source, parts=tuple(parts))
