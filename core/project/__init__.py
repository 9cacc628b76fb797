"""What a user makes, as one plain value: the request, what was kept, presets, the timeline. Imports no torch."""

from .project import Kept, Part, Preset, Project
from .saved import Autosaved, Captures, Looks, NetworkFile, SavedSession, Selected

__all__ = [
    "Autosaved",
    "Captures",
    "Kept",
    "Looks",
    "NetworkFile",
    "Part",
    "Preset",
    "Project",
    "SavedSession",
    "Selected",
]
