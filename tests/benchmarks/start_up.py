"""Starts the program as the command line does, prints when its first frame and its first picture were shown, and ends.

Seconds since the process began, as JSON. The environment has VISUALIZER_HEADLESS=1.
"""

from __future__ import annotations

import json
import sys
import time

from visualizer.app import TITLE, App
from visualizer.settings import Settings
from visualizer.toolkit.window import Window, check_display


def main(network: str) -> None:
    times: dict[str, float] = {}
    check_display()
    with Window(TITLE, (1280, 800)) as window:
        app = App(window, Settings())
        app.step()
        times["window_s"] = _since_start()
        app.context.actions.opening.open(network)
        while app.session.frames == 0:
            window.wait(0.05)
            app.step()
        app.step()  # draws the picture that has just arrived
        times["picture_s"] = _since_start()
        ended = app.close()
    assert ended
    sys.stdout.write(json.dumps(times) + "\n")


def _since_start() -> float:
    import psutil

    return time.time() - float(psutil.Process().create_time())


if __name__ == "__main__":
    main(sys.argv[1])
