"""What a user makes, as one plain value: the request, what was kept, presets, the timeline. Imports no torch."""

from .project import Kept, Part, Preset, Project

__all__ = ["Kept", "Part", "Preset", "Project"]
