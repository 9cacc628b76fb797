"""Parameters on the command line: short flags, `--preset`, and `--set PATH=VALUE` for all of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from core.base.control import Kind
from core.base.errors import UsageError
from core.base.numbers import real_number
from core.base.paths import path_of
from core.base.text import shown
from core.documents.preset_files import SUFFIX, read_folder, read_preset
from core.parameters import Parameter, Setting, setting_of, with_setting
from core.project import Preset
from core.project.built_in_presets import BUILT_IN
from core.project.presets import applied
from core.request import ModelInfo, RenderRequest
from visualizer.commands.numbers import parse_number, parse_whole
from visualizer.commands.output import note
from visualizer.settings import preset_folder


def add_flag(parser: argparse.ArgumentParser, parameter: Parameter) -> None:
    """The short flag of a parameter."""
    flag = parameter.flag
    assert flag is not None  # or it has none
    match parameter.kind:
        case Kind.CHOICE:
            choices = [str(choice.value) for choice in parameter.choices]
            parser.add_argument(flag.name, choices=choices, help=flag.help)
        case kind:
            convert = parse_whole if kind is Kind.WHOLE else parse_number
            parser.add_argument(flag.name, type=convert, metavar=flag.metavar, help=flag.help)


def add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", type=_setting, default=[], metavar="PATH=VALUE", dest="settings",
        help="any parameter, such as truncation.psi=0.7 or 'layers[8:12].noise=0.3'; after all other flags, in order "
        "(`python -m visualizer parameters` lists them)",
    )  # fmt: skip


def with_flags(request: RenderRequest, options: argparse.Namespace, parameters: Iterable[Parameter]) -> RenderRequest:
    """The request with what the short flags say. Raises UsageError for what is out of range."""
    for parameter in parameters:
        assert parameter.flag is not None
        value = getattr(options, parameter.flag.name.removeprefix("--"))
        if value is None:
            continue
        if parameter.kind in (Kind.NUMBER, Kind.WHOLE) and not parameter.allows(value):
            what = f", which is {parameter.beyond}" if parameter.beyond and value < parameter.limits[0] else ""
            raise UsageError(f"{parameter.flag.name} cannot be {value:g}{what}; it is {parameter.wanted}.")
        request = parameter.set(request, parameter.read(value) if parameter.kind is Kind.CHOICE else value)
    return request


def with_settings(request: RenderRequest, options: argparse.Namespace, info: ModelInfo) -> RenderRequest:
    """The request with what --set says, in order. Raises UsageError for what the network has not."""
    settings: list[Setting] = options.settings
    return reduce(lambda whole, setting: with_setting(whole, setting, info), settings, request)


# ----------------------------------------------------------------------------
# Presets.


@dataclass(frozen=True)
class Wanted:
    """A preset by its name or file, and how much of it."""

    name: str
    amount: float = 1.0


def add_presets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preset", action="append", type=_wanted, default=[], metavar="NAME[:AMOUNT]", dest="presets",
        help="a preset of the session, of your folder or of the program, or its file; AMOUNT from 0 to 1 (default: 1); "
        "before --set, in order",
    )  # fmt: skip


def presets_of(options: argparse.Namespace, own: Sequence[Preset]) -> tuple[tuple[Preset, float], ...]:
    """The presets that are asked for. own: those of the session. Raises UsageError for one that is nowhere."""
    return tuple((_found(wanted.name, own), wanted.amount) for wanted in options.presets)


def with_presets(
    request: RenderRequest, presets: Iterable[tuple[Preset, float]], info: ModelInfo
) -> RenderRequest:  # fmt: skip
    """The request with presets, in order; what the network lacks is left out with a note."""
    for preset, amount in presets:
        found = applied(request, preset, info, amount)
        if found.skipped:
            note(f"{shown(preset.name, 60)}: {found.told}")
        request = found.request
    return request


def _found(name: str, own: Sequence[Preset]) -> Preset:
    path = path_of(name)
    if path.suffix.lower() == SUFFIX and os.path.isfile(path):
        return read_preset(path)
    folder = preset_folder()
    kept = read_folder(folder)
    known = (*own, *(file.preset for file in kept.files), *BUILT_IN)
    found = next((preset for preset in known if preset.name.casefold() == name.casefold()), None)
    if found is None:
        names = ", ".join(dict.fromkeys(shown(preset.name, 40) for preset in known))
        raise UsageError(f"There is no preset '{shown(name, 60)}' and no such file; there are: {names}.")
    return found


def _wanted(text: str) -> Wanted:
    name, colon, amount = text.rpartition(":")
    number = real_number(amount) if colon else None
    if number is None or not name:
        return Wanted(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"'{shown(amount, 20)}' is no amount; it is a number from 0 to 1")
    return Wanted(name, number)


def _setting(text: str) -> Setting:
    try:
        return setting_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from error

