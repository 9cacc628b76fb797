"""A preset as text: one JSON object that people can read, change and give away."""

from __future__ import annotations

import json

from core.base.errors import UsageError
from core.documents import json_reader as fields
from core.documents.json_reader import Fields
from core.documents.json_text import readable
from core.documents.project_json import read_preset, written
from core.project import Preset

FORMAT = "stylegan-visualizer preset"
VERSION = 1
MAX_TEXT = 2**20  # characters


def to_text(preset: Preset) -> str:
    """Raises UsageError if a number in it is not finite."""
    try:
        return readable({"format": FORMAT, "version": VERSION, **written(preset)}) + "\n"
    except ValueError as error:
        raise UsageError("the preset cannot be saved: it holds a number that is not finite") from error


def from_text(text: str, where: str) -> Preset:
    """Read what `to_text` wrote; members that this version does not know are left out.

    where: names it in errors, e.g. "the preset soft.json". Raises UsageError.
    """
    if len(text) > MAX_TEXT:
        raise UsageError(f"{where} cannot be used: it is longer than {MAX_TEXT // 2**20} million characters")
    top = Fields(fields.parse(text, where), where=where)
    if top.get("format", "", fields.string) != FORMAT:
        raise UsageError(f'{where} cannot be used: it does not say "format": "{FORMAT}"')
    top.get("version", VERSION, fields.integer(1))
    preset = read_preset(top)
    if not preset.parts:
        raise UsageError(f'{where} cannot be used: it sets nothing; "parts" needs a path and a value')
    return preset


def is_preset(text: str) -> bool:
    """Whether a text says that it is a preset, whatever else is in it."""
    if len(text) > MAX_TEXT or FORMAT not in text:
        return False
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(top, dict) and top.get("format") == FORMAT
