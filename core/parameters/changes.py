"""What differs between two requests, by the table of parameters, and one sentence that tells it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.base.control import Kind, Value
from core.base.text import plural
from core.parameters.lenses import At, Key
from core.parameters.parameter import Axis, Parameter
from core.parameters.table import (
    CENTRE_COUNT,
    CENTRE_X,
    CENTRE_Y,
    JITTER,
    JITTER_SEED,
    LATENT_X,
    LATENT_Y,
    MATRIX,
    MUTED,
    NOISE_SHIFT_X,
    NOISE_SHIFT_Y,
    PARAMETERS,
    SCALE_X,
    SCALE_Y,
    SOURCE_ON,
    SOURCE_X,
    SOURCE_Y,
    TRANSFORM_X,
    TRANSFORM_Y,
    VIEW_LAYER,
)
from core.request import (
    SEEDS_PER_ROW,
    Centre,
    Centroids,
    ClassMean,
    Clusters,
    Codes,
    Latent,
    Mixture,
    RenderRequest,
    SeedPoint,
    StyleSource,
    WVector,
    ZVector,
)
from core.request.edits import edit_at

MOST = 60  # characters of a sentence
# Told as what they are together.
TOGETHER = (LATENT_X, LATENT_Y, SOURCE_X, SOURCE_Y, CENTRE_X, CENTRE_Y, CENTRE_COUNT, VIEW_LAYER)


@dataclass(frozen=True)
class Pair:
    """Two parameters that one gesture changes, and its words."""

    parameters: tuple[Parameter, Parameter]
    words: str


PAIRS = (
    Pair((NOISE_SHIFT_X, NOISE_SHIFT_Y), "Noise shifted"),
    Pair((TRANSFORM_X, TRANSFORM_Y), "Picture moved"),
    Pair((SCALE_X, SCALE_Y), "Picture scaled"),
)
FLAGS = {  # off, on
    SOURCE_ON: ("Source {} off", "Source {} on"),
    MUTED: ("Layer {} no longer muted", "Layer {} muted"),
}


@dataclass(frozen=True)
class Change:
    """One value that differs."""

    parameter: Parameter
    at: At
    before: Value
    after: Value

    @property
    def path(self) -> str:
        return self.parameter.path_at(self.at)


def diff(before: RenderRequest, after: RenderRequest) -> tuple[Change, ...]:
    """All values that differ, in the order of the table. Of sources and other networks, only if both have as many."""
    if before == after:
        return ()
    found = []
    for parameter in PARAMETERS:
        for at in _positions(parameter, before, after):
            old, new = parameter.get(before, at), parameter.get(after, at)
            if old != new:
                found.append(Change(parameter, at, old, new))
    told = any(change.parameter.derived for change in found)
    return tuple(change for change in found if not told or change.parameter is not MATRIX)


def _positions(parameter: Parameter, before: RenderRequest, after: RenderRequest) -> Iterator[At]:
    name = parameter.path.partition(".")[0].removesuffix("[]")
    if getattr(before, name) == getattr(after, name):
        return
    keys: list[Sequence[Key]] = []
    for axis in parameter.axes:
        match axis:
            case Axis.SOURCE:
                keys.append(range(len(after.sources) if len(before.sources) == len(after.sources) else 0))
            case Axis.BLEND:
                keys.append(range(len(after.blends) if len(before.blends) == len(after.blends) else 0))
            case Axis.LAYER:
                keys.append(range(max(_entries(before), _entries(after))))
            case Axis.MATRIX:
                keys.append(range(len(after.transform)))
            case Axis.STYLE:
                edits = set(before.styles) ^ set(after.styles)
                keys.append(sorted({(edit.layer, edit.channel) for edit in edits}))
    yield from itertools.product(*keys)


def _entries(request: RenderRequest) -> int:
    """How many entries of ws a request says anything of."""
    parts = [len(source.parts) for source in request.sources] + [len(blend.weights) for blend in request.blends]
    return max(len(request.layers), *parts, 0)


# ----------------------------------------------------------------------------
# In words.


def describe_change(before: RenderRequest, after: RenderRequest) -> str:
    """One step in a few words: "Psi 0.70 → 0.55", "Noise of 4 layers", "Source C removed"; "" if nothing differs."""
    if before.network != after.network:
        return f"Network {_short(after.network)}"
    told = [*_wholes(before, after), *_values(_singly(diff(before, after)))]
    if not told:
        return "" if before == after else "Edit"
    if len(told) > 1 and after == RenderRequest(after.network):
        return "Everything reset"
    first, *others = told
    if not others:
        return first
    if len(others) == 1 and len(first) + len(others[0]) < MOST:
        return f"{first}, {others[0]}"
    return f"{first} and {len(others)} more"


def _singly(changes: Sequence[Change]) -> list[Change]:
    """Those that are not told as what they are together."""
    jittered = {change.at for change in changes if change.parameter is JITTER}
    looks = any(change.parameter is VIEW_LAYER for change in changes)  # another layer has settings of its own
    return [
        change for change in changes if change.parameter not in TOGETHER
        and not (change.parameter is JITTER_SEED and change.at in jittered)
        and not (looks and change.parameter.path.startswith("view."))
    ]  # fmt: skip


def _values(changes: Sequence[Change]) -> Iterator[str]:
    """Of parameters: one by its values, several of a kind by how many they are."""
    placed = sum(change.parameter.derived for change in changes)
    pairs = [pair for pair in PAIRS if all(any(c.parameter is part for c in changes) for part in pair.parameters)]
    for parameter, grouped in itertools.groupby(changes, key=lambda change: change.parameter):
        group, pair = list(grouped), next((pair for pair in pairs if parameter in pair.parameters), None)
        if parameter is MATRIX:
            yield "Matrix of the transform"
        elif parameter.derived and placed > 2:
            if group[0] is next(change for change in changes if change.parameter.derived):
                yield "Transform"
        elif pair is not None:
            if parameter is pair.parameters[0]:
                yield pair.words
        elif len(group) == 1:
            yield _value(group[0])
        else:
            yield f"{parameter.label} {_counted(group)}"


def _value(change: Change) -> str:
    parameter = change.parameter
    if parameter in FLAGS:
        (number,) = change.at
        owner = source_name(number) if parameter is SOURCE_ON and isinstance(number, int) else str(number)
        return FLAGS[parameter][bool(change.after)].format(owner)
    name = parameter.label + where(parameter, change.at)
    if parameter.kind is Kind.FLAG and not parameter.choices:
        return f"{name} {parameter.text_of(change.after)}"
    before, after = parameter.text_of(change.before), parameter.text_of(change.after)
    unit = f" {parameter.unit}"
    if parameter.unit and before.endswith(unit) and after.endswith(unit):
        before = before.removesuffix(unit)
    return f"{name} {before} → {after}"


def where(parameter: Parameter, at: At) -> str:
    """What an entry of a parameter is of, after its label: " of layer 5"; "" if there is only one."""
    match parameter.axes, at:
        case (Axis.LAYER,), (entry,):
            return f" of layer {entry}"
        case (Axis.SOURCE,), (int(number),):
            return f" of {source_name(number)}"
        case (Axis.BLEND,), (int(number),):
            return f" of {letter_of(number)}"
        case (Axis.SOURCE, Axis.LAYER), (int(number), entry):
            return f" of {source_name(number)} in layer {entry}"
        case (Axis.BLEND, Axis.LAYER), (int(number), entry):
            return f" of {letter_of(number)} in layer {entry}"
        case (Axis.STYLE,), ((layer, channel),):
            return f" of {layer}, channel {channel}"
        case (Axis.MATRIX,), (int(number),):
            return f" {number // 3 + 1}, {number % 3 + 1}"
    return ""


def _counted(group: Sequence[Change]) -> str:
    """What they are that several changes of one parameter are of: "of 4 layers", "of S1 in 4 layers"."""
    count = len(group)
    match group[0].parameter.axes:
        case (Axis.STYLE,):
            return f"of {count} channels"
        case (Axis.SOURCE | Axis.BLEND as axis, Axis.LAYER):
            owners, layers = ({change.at[i] for change in group} for i in (0, 1))
            (owner, *others) = owners
            if others or not isinstance(owner, int):
                return f"of {plural(len(layers), 'layer')}"
            name = source_name(owner) if axis is Axis.SOURCE else letter_of(owner)
            return f"of {name} in {plural(len(layers), 'layer')}"
        case (*_, Axis.LAYER):
            return f"of {count} layers"
        case (Axis.SOURCE,):
            return f"of {count} sources"
    return f"of {count} networks"


def letter_of(number: int) -> str:
    """What the window calls networks that are blended in: B, C, D, ...; the network itself is A."""
    return chr(ord("B") + number % 25)


def source_name(number: int) -> str:
    """What the window calls sources of styles: S1, S2, ..., which no network is called."""
    return f"S{number + 1}"


# ----------------------------------------------------------------------------
# What is no parameter, or several that are one thing.


def _wholes(before: RenderRequest, after: RenderRequest) -> Iterator[str]:
    if before.latent != after.latent:
        yield _latent("Seed", "Latent", before.latent, after.latent)
    yield from _sources(before.sources, after.sources)
    if before.truncation.centre != after.truncation.centre:
        yield f"Centre: {_centre(after.truncation.centre)}"
    if before.view.layer != after.view.layer:
        yield f"Layer {after.view.layer} shown" if after.view.layer else "Picture shown"
    yield from _blends(before, after)
    for what, field in (("Kept style", "w"), ("Style vector", "offset")):
        count = max(len(before.layers), len(after.layers))
        values = [[getattr(edit_at(r.layers, entry), field) for entry in range(count)] for r in (before, after)]
        differ = [entry for entry, (old, new) in enumerate(zip(*values, strict=True)) if old != new]
        if differ:
            yield f"{what} of layer {differ[0]}" if len(differ) == 1 else f"{what} of {plural(len(differ), 'layer')}"


def _latent(seed: str, other: str, before: Latent, after: Latent) -> str:
    match before, after:
        case SeedPoint(), SeedPoint():
            if all(float(number).is_integer() for number in (before.x, before.y, after.x, after.y)):
                return f"{seed} {_seed(before)} → {_seed(after)}"
            whole = float(after.x).is_integer() and float(after.y).is_integer()
            return f"{seed} {_seed(after)}" if whole else f"{other} moved"
        case Codes(), Codes() if (before.rows, before.columns) == (after.rows, after.columns):
            count = sum(old != new for old, new in zip(before.indices, after.indices, strict=True))
            return f"{plural(count, 'code')} painted"
        case _, SeedPoint():
            return f"{seed} {_seed(after)}"
    kinds = {ZVector: "a z", WVector: "a w", Codes: "codes", Mixture: "a mixture"}
    return f"{other}: {kinds[type(after)]}"


def _centre(centre: Latent | Centre | None) -> str:
    match centre:
        case None:
            return "the average w"
        case Clusters(count):
            return plural(count, "cluster")
        case ClassMean():
            return "the mean of the class"
        case Centroids(rows, name):
            return name or plural(len(rows), "centroid")
        case SeedPoint():
            return f"seed {_seed(centre)}"
    return {ZVector: "a z", WVector: "a w", Codes: "codes", Mixture: "a mixture"}[type(centre)]


def _seed(point: SeedPoint) -> int:
    return round(point.x) + SEEDS_PER_ROW * round(point.y)


def _sources(before: tuple[StyleSource, ...], after: tuple[StyleSource, ...]) -> Iterator[str]:
    if len(before) < len(after):
        added = source_name(len(after) - 1)
        yield f"Source {added} added" if len(after) - len(before) == 1 else "Sources added"
    elif len(before) > len(after):
        at = next((i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(after))
        removed = source_name(at)
        yield f"Source {removed} removed" if len(before) - len(after) == 1 else "Sources removed"
    else:
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if old.latent != new.latent:
                name = source_name(number)
                yield _latent(f"Seed of {name}", f"Source {name}", old.latent, new.latent)
            elif old.name != new.name:
                yield f"Source {source_name(number)} named {new.name}".removesuffix(" named ")


def _blends(before: RenderRequest, after: RenderRequest) -> Iterator[str]:
    old, new = [blend.network for blend in before.blends], [blend.network for blend in after.blends]
    if len(new) > len(old):
        yield f"{_short(new[-1])} blended in"
    elif len(new) < len(old):
        at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(new))
        yield f"{_short(old[at])} taken out"
    elif old != new:
        yield "Networks blended in"


def _short(location: str) -> str:
    """The last part of a path or URL."""
    name = location.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] or location
    return name if len(name) <= MOST // 2 else name[: MOST // 2 - 1] + "…"
