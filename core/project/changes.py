"""What differs between two shelves or two lists of presets, in a few words, as undo tells it. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.text import plural, shown
from core.project.project import Kept, Preset

MAX_NAME = 30  # characters that are told


def describe_kept(before: Sequence[Kept], after: Sequence[Kept]) -> str:
    """One step of the shelf in a few words; "" if nothing differs."""
    if before is after or before == after:
        return ""
    old, new = {kept.id: kept for kept in before}, {kept.id: kept for kept in after}
    come, gone = [kept for kept in after if kept.id not in old], [kept for kept in before if kept.id not in new]
    if come and not gone:
        return f"Kept{_called(come[0].name)}" if len(come) == 1 else f"{len(come)} pictures kept"
    if gone and not come:
        return f"Removed{_called(gone[0].name) or ' a picture'} from the shelf" if len(gone) == 1 else (
            f"{len(gone)} pictures removed from the shelf"
        )
    if come:
        return "Shelf replaced"
    differ = [(old[kept.id], kept) for kept in after if old[kept.id] != kept]
    if not differ:
        return "Shelf in another order"
    if len(differ) > 1:
        return f"{plural(len(differ), 'picture')} of the shelf changed"
    ((a, b),) = differ
    if a.name != b.name:
        return f"Picture of the shelf named{_called(b.name)}" if b.name else "Name of a picture removed"
    if a.starred is not b.starred:
        return "Star" if b.starred else "Star removed"
    return "Tags" if a.tags != b.tags else "Picture of the shelf changed"


def describe_presets(before: Sequence[Preset], after: Sequence[Preset]) -> str:
    """One step of the presets in a few words; "" if nothing differs."""
    if before is after or before == after:
        return ""
    come, gone = [one for one in after if one not in before], [one for one in before if one not in after]
    if not come and not gone:
        return "Presets in another order"
    if len(come) == len(gone) == 1:
        a, b = gone[0], come[0]
        named = a.parts == b.parts
        return f"Preset{_called(a.name)} named{_called(b.name)}" if named else f"Preset{_called(b.name)} changed"
    if come and not gone:
        return f"Preset{_called(come[0].name)} added" if len(come) == 1 else f"{len(come)} presets added"
    if gone and not come:
        return f"Preset{_called(gone[0].name)} removed" if len(gone) == 1 else f"{len(gone)} presets removed"
    return "Presets changed"


def _called(name: str) -> str:
    return f" “{shown(name, MAX_NAME)}”" if name else ""
