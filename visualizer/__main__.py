"""The command line: the window, and everything it can do without one."""

from __future__ import annotations

import argparse
import importlib
import io
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from typing import NoReturn

from core.base.errors import Cancelled, VisualizerError
from core.base.library_log import library_log
from core.base.paths import path_of
from core.base.process import prepare_process
from core.base.text import cut_words, shown

PROGRAM = "python -m visualizer"
COMMANDS = ("render", "parameters", "info", "convert", "metrics", "bench", "doctor")
MAX_MESSAGE, MAX_WORD = 320, 60  # characters of what argparse says, which repeats what was typed
DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the whole usage."""

    def error(self, message: str) -> None:  # type: ignore[override]
        brief = re.sub(rf"\S{{{MAX_WORD},}}", lambda word: shown(word[0], MAX_WORD), message)
        raise SystemExit(_complain(f"{shown(brief, MAX_MESSAGE)}; see `{self.prog} --help`"))

    def parse_args(self, args: Sequence[str]) -> argparse.Namespace:  # type: ignore[override]
        for argument in args:  # argparse takes the dashes away, and then fails for want of a value
            if match := re.fullmatch(r"(--[\w-]+=|-\w=?)--", argument):
                self.error(f"argument {match[1].rstrip('=')}: '--' is no value")
        return super().parse_args(args)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 unusable input, 130 interrupted."""
    arguments = _with_joined_values(list(sys.argv[1:] if argv is None else argv))
    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments[bool(command) :] if argument != "--debug"]
    prepare_process()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name of a file may hold what the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with nullcontext() if debug else library_log():
            return _run(command, arguments)
    except VisualizerError as error:
        if debug:
            traceback.print_exc()
        return _complain(str(error))
    except (KeyboardInterrupt, Cancelled):
        return INTERRUPTED
    except BrokenPipeError:
        return FAILED
    except Exception as error:
        if debug:
            raise
        what = f"{type(error).__name__}: {error}"
        _complain(f"the program failed: {what}; run it again with --debug and report what it says")
        return FAILED


def _run(command: str, arguments: list[str]) -> int:
    if not command:
        _window(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    module = importlib.import_module(f"visualizer.commands.{command}")  # only that one: others may import more
    parser = _Parser(prog=f"{PROGRAM} {command}", allow_abbrev=False)
    return int(module.run(parser, arguments))


def _window(arguments: list[str]) -> NoReturn:
    from visualizer.commands.classes_option import add_classes, check_first

    parser = _Parser(
        prog=PROGRAM,
        description="Open the window on a network. Other commands: " + ", ".join(COMMANDS) + " (each has --help).",
        allow_abbrev=False,
    )
    what = "path, folder, URL or demo:NAME; the first is opened, without any the first demo network"
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=what)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--session", default="", metavar="FILE", help="a saved session or picture to restore")
    parser.add_argument("--capture-dir", type=path_of, metavar="DIR", help="where pictures and videos go")
    parser.add_argument("--browse-dir", type=path_of, metavar="DIR", help="where the file browser starts")
    add_classes(parser)
    options = parser.parse_args(arguments)
    check_first(options.networks, options)

    for number in (signal.SIGINT, signal.SIGTERM):  # until the window has its own way to close
        signal.signal(number, lambda *_: sys.exit(DONE))
    from visualizer.toolkit.window import check_display

    check_display()
    from visualizer.app import run_window

    run_window(
        options.networks, device=options.device, session_file=options.session, capture_folder=options.capture_dir,
        browse_folder=options.browse_dir, classes=options.classes,
    )  # fmt: skip


def _with_joined_values(arguments: list[str]) -> list[str]:
    """Join `--option -0.1,2` to `--option=-0.1,2`, which argparse would take for two options."""
    joined: list[str] = []
    for argument in arguments:
        is_value = re.match(r"-[\d.]", argument) is not None
        if is_value and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _complain(message: str) -> int:
    print(f"error: {cut_words(message)}", file=sys.stderr)  # noqa: T201
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
