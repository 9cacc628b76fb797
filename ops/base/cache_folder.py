"""The folder for what is compiled on this machine. Imports no torch."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "VISUALIZER_CACHE_DIR"


def cache_folder() -> Path:
    """The user's cache folder, or below what the environment variable VISUALIZER_CACHE_DIR names."""
    import platformdirs

    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen or platformdirs.user_cache_dir("stylegan-visualizer", appauthor=False)) / "ops"
