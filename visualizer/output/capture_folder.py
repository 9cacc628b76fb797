"""Where pictures, videos, sessions and latents go."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from visualizer.settings import Preferences


class CaptureFolder:
    """The folder that the user chose, else the one of the command line, else one among the user's pictures."""

    def __init__(self, preferences: Preferences, given: Path | None = None) -> None:
        self._preferences = preferences
        self._given = given

    @property
    def path(self) -> Path:
        if self._preferences.now.capture_folder:
            return Path(self._preferences.now.capture_folder)
        return self._given or platformdirs.user_pictures_path() / "stylegan-visualizer"
