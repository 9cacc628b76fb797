"""The table of parameters has everything in a request that can be turned, once."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from core.base.control import Kind, Value
from core.parameters import BY_PATH, DEFAULTS, PARAMETERS, WITHOUT, Axis, Parameter, changed, matched, reset
from core.parameters.reasons import NEEDS
from core.request import RenderRequest, SeedPoint, Share, StyleEdit

NAMED = {"noise.shift": ("noise.shift.x", "noise.shift.y"), "transform": ("transform[]",)}  # tuples of a fixed length
KEYS = {Axis.STYLE: ("b8.conv0", 3), Axis.MATRIX: 2}
every_parameter = pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.path)


def fields_of(kind: Any, path: str = "") -> Iterator[str]:
    """The paths of all scalars, choices and lists of numbers in a tree of records."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        yield from _leaves(hints[field.name], f"{path}.{field.name}" if path else field.name)


def _leaves(hint: object, path: str) -> Iterator[str]:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    records = [option for option in options if dataclasses.is_dataclass(option)]
    lists = [typing.get_args(option)[0] for option in options if typing.get_origin(option) is tuple]
    if records:
        yield from {leaf for record in records for leaf in fields_of(record, path)}
    elif lists and dataclasses.is_dataclass(lists[0]) and lists[0] is not Share:  # which are made together
        yield from fields_of(lists[0], f"{path}[]")
    else:
        yield path


def at_of(parameter: Parameter):
    return tuple(KEYS.get(axis, 0) for axis in parameter.axes)


def another(parameter: Parameter) -> Value:
    """A value that differs from the default."""
    match parameter.kind:
        case Kind.FLAG:
            return not parameter.default
        case Kind.CHOICE:
            return next(choice.value for choice in parameter.choices if choice.value != parameter.default)
        case Kind.TEXT:
            return "b8.conv0"
    return 2 if parameter.whole else 0.5


def test_each_field_of_a_request_has_one_parameter_or_a_reason_why_not():
    wanted = [named for path in fields_of(RenderRequest) for named in NAMED.get(path, (path,))]
    known = [parameter.path for parameter in PARAMETERS if not parameter.derived]
    bare = [path.removesuffix("[]") if path not in wanted else path for path in known]
    assert sorted({*bare, *WITHOUT}) == sorted(set(wanted))
    assert not set(bare) & set(WITHOUT)
    assert len(set(known)) == len(known) == len(set(bare))


@every_parameter
def test_what_is_set_is_read_again_and_nothing_else_changes(parameter: Parameter):
    at, value = at_of(parameter), another(parameter)
    request = parameter.set(DEFAULTS, value, at)
    assert parameter.get(request, at) == (pytest.approx(value) if isinstance(value, float) else value)
    record = parameter.path.partition(".")[0].removesuffix("[]")
    assert replace(request, **{record: getattr(DEFAULTS, record)}) == DEFAULTS


@every_parameter
def test_back_at_its_default_it_leaves_no_trace(parameter: Parameter):
    at = at_of(parameter)
    there = parameter.set(DEFAULTS, another(parameter), at)
    back = parameter.set(there, parameter.get(DEFAULTS, at), at)
    before = {"layers[].": replace(DEFAULTS, layers=()), "styles[].": DEFAULTS}
    wanted = next((request for prefix, request in before.items() if parameter.path.startswith(prefix)), DEFAULTS)
    assert back == wanted


@every_parameter
def test_its_default_is_possible_and_within_its_slider(parameter: Parameter):
    default = parameter.default
    if parameter.kind in (Kind.NUMBER, Kind.WHOLE) and isinstance(default, int | float):
        assert parameter.allows(default)
        assert parameter.range[0] <= default <= parameter.range[1]
    assert parameter.limits[0] <= parameter.range[0]
    assert parameter.range[1] <= parameter.limits[1]


@every_parameter
def test_it_says_what_it_is(parameter: Parameter):
    assert parameter.label
    assert parameter.tip
    assert not parameter.tip.endswith(".")
    assert parameter.needs in ("", *NEEDS)
    assert all(choice.tip for choice in parameter.choices)


def test_choices_are_those_of_their_field():
    for parameter in PARAMETERS:
        if parameter.kind is Kind.CHOICE:
            kind = type(parameter.get(RenderRequest()))
            assert issubclass(kind, StrEnum)
            assert [choice.value for choice in parameter.choices] == list(kind)


def test_paths_are_in_reach_by_name():
    assert list(BY_PATH.values()) == list(PARAMETERS)
    assert all(re.fullmatch(r"[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)*", path) for path in BY_PATH)


def test_a_part_of_a_request_differs_from_the_defaults_and_goes_back():
    request = replace(RenderRequest(), latent=SeedPoint(3), styles=(StyleEdit("b8.conv0", 1, 2.0),))
    request = BY_PATH["view.gain_db"].set(request, 6.0)
    assert changed(request, ["latent"])
    assert changed(request, ["noise", "view.gain_db"])
    assert not changed(request, ["noise", "view.show", "truncation"])
    back = reset(request, ["latent", "view.gain_db"])
    assert back == replace(RenderRequest(), styles=request.styles)


def test_the_longest_beginning_of_a_path_counts():
    assert matched("layers[5].noise", ["layers"]) == len("layers")
    assert matched("layers[5].jitter", ["layers", "layers[].jitter"]) > matched("layers[5].jitter", ["layers"])
    assert matched("styles[b64.conv0,12].scale", ["styles"]) == len("styles")
    assert matched("latent.x", ["label", "lat"]) == 0
