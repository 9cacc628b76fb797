"""`doctor`: what a bug report needs."""

from __future__ import annotations

import argparse

from visualizer.commands.output import say


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = "Print versions, devices, op backends with reasons, and folders."
    parser.parse_args(arguments)
    from visualizer.output.system_report import system_facts, table

    say(table(system_facts(gl_renderer=_gl_renderer(), import_torch=True)))
    return 0


def _gl_renderer() -> str:
    """The OpenGL renderer of a window that is opened for a moment, or why there is none."""
    from core.base.errors import WindowError

    try:
        from visualizer.toolkit.window import Window, check_display

        check_display()
        with Window("doctor", (64, 64)) as window:
            return window.gl_renderer
    except WindowError as error:
        return str(error)
