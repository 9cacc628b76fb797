"""Parameters on the command line: short flags, and `--set PATH=VALUE` for all of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import reduce

from core.base.control import Kind
from core.base.errors import UsageError
from core.parameters import Parameter, Setting, setting_of, with_setting
from core.request import ModelInfo, RenderRequest
from visualizer.commands.numbers import parse_number, parse_whole


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


def _setting(text: str) -> Setting:
    try:
        return setting_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from error

