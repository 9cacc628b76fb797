"""Files of presets: a folder with one in each, which people share by copying them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from core.base.errors import UsageError
from core.base.files import why, write_whole
from core.base.reading import read_ordinary
from core.base.text import shown
from core.documents.preset_json import MAX_TEXT, from_text, is_preset, to_text
from core.project import Preset

SUFFIX = ".json"
MAX_FILES = 2000
BAD_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names that Windows keeps for itself


@dataclass(frozen=True)
class PresetFile:
    """A preset, and the file that it is in."""

    path: Path
    preset: Preset


@dataclass(frozen=True)
class PresetFolder:
    """What a folder holds: presets by name, and a sentence for each file that is none."""

    files: tuple[PresetFile, ...] = ()
    errors: tuple[str, ...] = ()


def read_preset(path: Path) -> Preset:
    """The preset in a file; one without a name is called as the file is. Raises UsageError."""
    where = f"the preset {shown(path.name or path, 100)}"
    try:
        preset = from_text(read_ordinary(path, MAX_TEXT).decode(), where)
    except UnicodeDecodeError as error:
        raise UsageError(f"{where} cannot be read: it is not text; choose a file saved by this program.") from error
    return preset if preset.name.strip() else replace(preset, name=path.stem)


def holds_preset(path: Path) -> bool:
    """Whether a file says that it is a preset. Raises nothing."""
    try:
        return is_preset(read_ordinary(path, MAX_TEXT).decode())
    except (UsageError, UnicodeDecodeError):
        return False


def read_folder(folder: Path) -> PresetFolder:
    """All presets of a folder. Raises nothing: a folder that is not there is empty."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.lower().endswith(SUFFIX))
    except FileNotFoundError:
        return PresetFolder()
    except OSError as error:
        return PresetFolder(errors=(f"The folder {shown(folder)} cannot be read: {error.strerror}.",))
    files, errors = list[PresetFile](), list[str]()
    for name in names[:MAX_FILES]:
        try:
            files.append(PresetFile(folder / name, read_preset(folder / name)))
        except UsageError as error:
            errors.append(str(error))
    if len(names) > MAX_FILES:
        errors.append(f"There are {len(names):,} files in {shown(folder)}; the first {MAX_FILES:,} are used.")
    return PresetFolder(tuple(sorted(files, key=lambda file: file.preset.name.casefold())), tuple(errors))


def write_preset(preset: Preset, folder: Path, *, path: Path | None = None) -> Path:
    """Write it into a folder, which is made if need be, or in place of a file. Returns the file. Raises UsageError."""
    text = to_text(preset)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = path or _free_path(folder, preset.name)
        write_whole(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"The preset {shown(preset.name, 60)} cannot be written: {why(error)}.") from error
    return path


def remove_preset(path: Path) -> None:
    """Raises UsageError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{shown(path)} cannot be removed: {error.strerror}.") from error


def _free_path(folder: Path, name: str) -> Path:
    """A file of this name that is not there yet; what no file can be called is left out."""
    stem = BAD_IN_NAMES.sub("", name.encode("utf-8", "ignore").decode()).strip(" .")[:60] or "Preset"
    stem = f"{stem}_" if DEVICES.fullmatch(stem) else stem
    path, number = folder / f"{stem}{SUFFIX}", 2
    while path.exists():
        path, number = folder / f"{stem} {number}{SUFFIX}", number + 1
    return path
