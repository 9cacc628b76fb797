"""The folders of the operations: which may import which, so that a reader knows where to look."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.test_project import ROOT, module_name, sources, syntax, top

MAY_IMPORT = {"base": {"base"}, "native": {"base", "native"}, "cuda": {"base", "cuda"}}
MOST_MODULES = 16  # side by side

MODULES = {module_name(path): path for path in sources("ops")}


def imported_modules(path: Path) -> Iterator[str]:
    """The modules of `ops` that a file imports, wherever in the file."""
    package = ".".join(path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".")
            below = ".".join((*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])))
            for alias in node.names:
                yield f"{below}.{alias.name}" if f"{below}.{alias.name}" in MODULES else below


def names_ops(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(top(alias.name) == "ops" for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            return top(module) == "ops"
    return False


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_nothing_above_it(room: str) -> None:
    for path in (ROOT / "ops" / room).glob("*.py"):
        rooms = {name.split(".")[1] for name in imported_modules(path)}
        assert rooms <= MAY_IMPORT[room], path


def test_imports_inside_are_relative() -> None:
    absolute = [(path, node) for path in MODULES.values() for node in ast.walk(syntax(path)) if names_ops(node)]
    assert absolute == []


def test_no_imports_go_round_in_a_circle() -> None:
    TopologicalSorter({name: set(imported_modules(path)) for name, path in MODULES.items()}).prepare()


@pytest.mark.parametrize("folder", [ROOT / "ops", *(ROOT / "ops" / room for room in MAY_IMPORT)], ids=str)
def test_a_folder_can_be_taken_in_at_a_glance(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_MODULES
