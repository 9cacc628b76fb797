"""Presets: named sets of parameters, taken of a request and applied to one by an amount. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.base.control import Kind
from core.base.errors import UsageError
from core.base.text import plural, shown
from core.parameters import Place, Setting, matched, place_of, positions, with_setting
from core.parameters.table import (
    CENTRE_COUNT,
    CENTRE_X,
    CENTRE_Y,
    LATENT_X,
    LATENT_Y,
    MATRIX,
    SOURCE_X,
    SOURCE_Y,
)
from core.project.layer_styles import style_of, styles_of
from core.project.project import Part, Preset
from core.request import ModelInfo, RenderRequest, StyleSource
from core.timeline.between import mixed_requests
from core.timeline.targets import WHOLES, Target, known_target, targets_of
from core.timeline.timeline import KeyValue

MAX_SOURCES = 12  # that a preset may need
MAX_NAME = 60  # characters
MAX_TOLD = 30  # characters of a name in a step
TOLD = 2  # reasons why something was left out


@dataclass(frozen=True)
class PartGroup:
    """What a user takes into a preset or not: the paths that begin so. Of several, the longest counts."""

    name: str
    beginnings: tuple[str, ...]


GROUPS = (
    PartGroup("Latent", ("latent", "label")),
    PartGroup("Style mixing", ("sources",)),
    PartGroup("Truncation", ("truncation",)),
    PartGroup("Noise", ("noise",)),
    PartGroup("Layer strip", ("layers",)),
    PartGroup("Style space", ("styles",)),
    PartGroup("Blending", ("blends",)),
    PartGroup("Transform", ("transform",)),
    PartGroup("Codes", ("grid",)),
    PartGroup("Detail", ("lod", "precision")),
    PartGroup("Light", ("view.exposure", "view.contrast")),
    PartGroup("View", ("view",)),
)
DEFAULT = RenderRequest()
PARTS_OF_WHOLES = (LATENT_X, LATENT_Y, SOURCE_X, SOURCE_Y, CENTRE_X, CENTRE_Y, CENTRE_COUNT, MATRIX)


def group_of(path: str) -> PartGroup:
    """The group of a path; the last one for what this version does not know."""
    return max(GROUPS, key=lambda group: matched(path, group.beginnings))


@dataclass(frozen=True)
class Applied:
    """A request with a preset, and why some of its parts do nothing."""

    request: RenderRequest
    skipped: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What was left out, for the user; "": nothing."""
        if not self.skipped:
            return ""
        reasons = tuple(dict.fromkeys(self.skipped))
        more = f" and {len(reasons) - TOLD} more" if len(reasons) > TOLD else ""
        return f"{plural(len(self.skipped), 'setting')} left out: {' '.join(reasons[:TOLD])}{more}"


# ----------------------------------------------------------------------------
# Taken of a request.


def parts_of(request: RenderRequest, info: ModelInfo, *, all_of: bool = False) -> dict[PartGroup, tuple[Part, ...]]:
    """What a request has that can be in a preset, by group: all that differs from the defaults.

    all_of: of the groups in which anything differs, the defaults too.
    """
    found: dict[PartGroup, list[Part]] = {}
    changed = set[PartGroup]()
    for target in targets_of(request, info):
        if target.path == "request" or _is_told_as_whole(target):
            continue
        group, differs = group_of(target.path), _differs(target, request)
        changed |= {group} if differs else set()
        if differs or all_of:
            found.setdefault(group, []).append(Part(target.path, target.get(request)))
    for style, differs in styles_of(request, info):
        group = group_of(style.path)
        changed |= {group} if differs else set()
        if differs or all_of:
            found.setdefault(group, []).append(style.part(request))
    return {group: tuple(found[group]) for group in GROUPS if group in changed}


def _is_told_as_whole(target: Target) -> bool:
    """Whether it is a part of a latent, or of the transform."""
    parameter = target.parameter
    if parameter is None or target.source is not None or target.path in WHOLES:
        return False
    return parameter.derived or parameter in PARTS_OF_WHOLES


def _differs(target: Target, request: RenderRequest) -> bool:
    value = target.get(request)
    if target.source is not None:
        unused = not request.sources[target.source].parts
        return not unused and value != getattr(StyleSource(), target.path.rpartition(".")[2])
    if target.path in WHOLES:
        return value != target.get(DEFAULT)
    assert target.parameter is not None
    return value != target.parameter.default


def updated(preset: Preset, request: RenderRequest, info: ModelInfo) -> Preset:
    """The preset with what a request has for each of its parts; what the request has not stays."""
    parts = list[Part]()
    for part in preset.parts:
        if (style := style_of(part.path)) is not None:
            parts.append(part if style.missing(info) else style.part(request))
            continue
        targets = [target for target in _targets(part, request, info) if not target.missing(request, info)]
        parts += [Part(target.path, target.get(request)) for target in targets] or [part]
    return replace(preset, parts=tuple({part.path: part for part in parts}.values()))


def _targets(part: Part, request: RenderRequest, info: ModelInfo) -> Iterator[Target]:
    """What a path names one by one: each entry of a range."""
    target = known_target(part.path)
    if target is not None:
        yield target
        return
    try:
        place = place_of(part.path)
        found = positions(place, request, info)
    except UsageError:
        return
    for at in found:
        if (target := known_target(place.parameter.path_at(at))) is not None:
            yield target


# ----------------------------------------------------------------------------
# Applied.


def applied(request: RenderRequest, preset: Preset, info: ModelInfo, amount: float = 1.0) -> Applied:
    """The request on the way to the preset. amount: 0: as it is, 1: as the preset says.

    What cannot be between (a mode, a switch) is as it was until the amount is 1.
    """
    whole = _with_parts(request, preset.parts, info)
    return replace(whole, request=mixed_requests(request, whole.request, amount, info=info))


def morphed(request: RenderRequest, first: Preset, second: Preset, info: ModelInfo, part: float) -> Applied:
    """The request on the way from one preset (0) to another (1). What only one of them sets is the request's in the
    other."""
    a, b = (_with_parts(request, preset.parts, info) for preset in (first, second))
    skipped = tuple(dict.fromkeys((*a.skipped, *b.skipped)))
    return Applied(mixed_requests(a.request, b.request, part, info=info), skipped)


def _with_parts(request: RenderRequest, parts: Iterable[Part], info: ModelInfo) -> Applied:
    skipped = list[str]()
    for part in parts:
        try:
            request = _with_part(request, part, info)
        except UsageError as error:
            skipped.append(str(error))
    return Applied(request, tuple(skipped))


def _with_part(request: RenderRequest, part: Part, info: ModelInfo) -> RenderRequest:
    """Raises UsageError for what the request or the network has not, or does not take."""
    if (style := style_of(part.path)) is not None:
        return style.put(request, part.value, info)
    target = known_target(part.path)
    if target is None:
        place = place_of(part.path)
        request = _with_sources(request, place.spans[0] if part.path.startswith("sources") else None)
        return with_setting(request, _setting(place, part.value), info)
    if target.path == "request":
        raise UsageError("A whole picture is no part of a preset; keep it on the shelf.")
    if target.path.startswith("sources"):
        request = _with_sources(request, target.source if target.source is not None else target.at[0])
    if reason := target.missing(request, info):
        raise UsageError(reason)
    if not target.takes(part.value, info):
        raise UsageError(f"{part.path} cannot be {_word(part.value)} with this network.")
    if target.parameter is not None and target.source is None and target.path not in WHOLES:
        return with_setting(request, _setting(place_of(part.path), part.value), info)
    return target.set(request, part.value)


def _setting(place: Place, value: KeyValue) -> Setting:
    """Checked as what a command line says. Raises UsageError."""
    parameter = place.parameter
    match value:
        case None if parameter.optional:
            return Setting(place, None)
        case bool():
            if parameter.kind is Kind.FLAG:
                return Setting(place, value)
        case int() | float() if parameter.kind in (Kind.NUMBER, Kind.WHOLE) and parameter.allows(value):
            if not parameter.whole or float(value).is_integer():
                return Setting(place, int(value) if parameter.whole else value)
        case str() if parameter.kind is Kind.TEXT or any(value == choice.value for choice in parameter.choices):
            return Setting(place, value)
    raise UsageError(f"{place.text} cannot be {_word(value)}; it is {parameter.wanted}.")


def _with_sources(request: RenderRequest, number: object) -> RenderRequest:
    """With as many sources as are needed for one of a number."""
    if not isinstance(number, int) or not len(request.sources) <= number < MAX_SOURCES:
        return request
    more = tuple(StyleSource() for _ in range(number + 1 - len(request.sources)))
    return replace(request, sources=(*request.sources, *more))


def _word(value: object) -> str:
    return shown(value, 30) if isinstance(value, str | int | float) else "none" if value is None else "this"


# ----------------------------------------------------------------------------
# Lists of presets.


def unique(name: str, taken: Iterable[str]) -> str:
    """The name, or with a number after it; upper and lower case are the same, as in names of files."""
    name = " ".join(name.split())[:MAX_NAME] or "Preset"
    known, number, found = {each.casefold() for each in taken}, 2, name
    while found.casefold() in known:
        found, number = f"{name} {number}", number + 1
    return found


def with_preset(presets: Sequence[Preset], preset: Preset) -> tuple[Preset, ...]:
    """With one more, by another name if its own is taken."""
    return (*presets, replace(preset, name=unique(preset.name, (one.name for one in presets))))


def described(preset: Preset) -> str:
    """What it is of: "Noise, Truncation"."""
    groups = dict.fromkeys(group_of(part.path).name for part in preset.parts)
    return ", ".join(group.name for group in GROUPS if group.name in groups) or "nothing"


# ----------------------------------------------------------------------------
# A step in words.


def describe_presets(before: Sequence[Preset], after: Sequence[Preset]) -> str:
    """One step of the presets in a few words; "" if nothing differs."""
    if before is after or before == after:
        return ""
    come, gone = [one for one in after if one not in before], [one for one in before if one not in after]
    if not come and not gone:
        return "Presets in another order"
    if len(come) == len(gone) == 1:
        a, b = gone[0], come[0]
        named = a.parts == b.parts
        return f"Preset{_called(a.name)} named{_called(b.name)}" if named else f"Preset{_called(b.name)} changed"
    if come and not gone:
        return f"Preset{_called(come[0].name)} added" if len(come) == 1 else f"{len(come)} presets added"
    if gone and not come:
        return f"Preset{_called(gone[0].name)} removed" if len(gone) == 1 else f"{len(gone)} presets removed"
    return "Presets changed"


def _called(name: str) -> str:
    return f" “{shown(name, MAX_TOLD)}”" if name else ""
