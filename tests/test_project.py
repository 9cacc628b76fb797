"""The rules of the project that a program can check: style, types, import directions, sizes, versions."""

from __future__ import annotations

import ast
import configparser
import fnmatch
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests import system

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ops", "core", "visualizer", "resources")
STANDARD = sys.stdlib_module_names | {"__future__"}
WINDOW_LIBRARIES = {"OpenGL", "glfw", "imgui_bundle", "pyopengltk", "tkinter"}
OPTIONAL_LIBRARIES = {"cuda", "pyopengltk", "sounddevice", "fontTools", "fcntl", "msvcrt"}  # the last two: each on one system

TREE_LIMIT = 45_000_000  # bytes
GOLDEN_LIMIT = 20_000_000  # bytes
FILE_LIMIT = 400  # lines
FUNCTION_LIMIT = 60  # lines
ROOM_LIMIT = 16  # modules side by side

# The rooms of a package from the bottom up: a module imports from its own and from those before it. `families/*` is all
# that lies in the folder; of several that fit, the first counts. Those of ops are in tests/ops/test_rooms.py.
ROOMS = {
    "core": (
        "base/*", "audio/*", "request/*", "parameters/*", "timeline/*", "project/*", "loading/*", "documents/*",
        "display/*", "synthesis/*", "networks/*", "families/*", "opening/*", "measure/*", "render/*", "bench/*",
    ),
    "visualizer": (
        "toolkit/*", "settings", "output/*", "session/*", "actions/*", "panels/common/*", "panels/*/*", "panels/*",
        "views/*", "app", "commands/*", "__main__",
    ),
}  # fmt: skip

# They have to be there before torch is, so that the window opens at once and `--help` answers at once.
WITHOUT_TORCH = [
    "core.audio",
    "core.display.frame",
    "core.parameters",
    "core.request",
    "core.timeline",
    "core.opening.demos",
    "core.base.errors",
    "core.base.progress",
    "core.loading",
    "resources",
    "visualizer.settings",
    "visualizer.__main__",
]

IMPORT_ALL = """
import importlib, os, sys
first, ours = os.environ["FIRST"].split(), os.environ["OURS"].split()

def load(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] not in os.environ["OPTIONAL"].split():
            raise

for name in first:
    load(name)

WORK = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename",
        "socket.connect", "urllib.Request", "tempfile.mkdtemp", "tempfile.mkstemp"}

def watch(event, args):
    if event in WORK:
        raise RuntimeError(f"an import does work: {event} {args}")

sys.dont_write_bytecode = True
sys.addaudithook(watch)
for name in ours:
    load(name)
"""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """The absolute names of the modules that a file imports, wherever in the file."""
    for node in ast.walk(syntax(path)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.ImportFrom(module=module, level=level) if level:
                parts = path.relative_to(ROOT).parts
                yield ".".join((*parts[: len(parts) - level], *([module] if module else [])))


def top(name: str) -> str:
    return name.partition(".")[0]


def module_imports(package: str) -> dict[str, set[str]]:
    """The files of a package by name, and which of them each imports, wherever in the file and for whatever use."""
    paths = {module_name(path): path for path in sources(package)}
    return {name: {*_imported_files(path, set(paths))} - {name} for name, path in paths.items()}


def _imported_files(path: Path, known: set[str]) -> Iterator[str]:
    for node in ast.walk(syntax(path)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name in known)
            case ast.ImportFrom(module=module, level=level, names=names):
                parts = path.relative_to(ROOT).parts
                start = [*parts[: len(parts) - level], *([module] if module else [])] if level else [module or ""]
                base = ".".join(start)
                named = (f"{base}.{alias.name}" for alias in names)
                yield from (name if name in known else base for name in named if name in known or base in known)


def height(name: str) -> int:
    """Of the room of a module, counted from the bottom."""
    package, _, rest = name.partition(".")
    inside = rest.replace(".", "/")
    is_folder = (ROOT / package / inside).is_dir()
    place = f"{inside}/__init__" if is_folder and inside else inside
    return next((i for i, room in enumerate(ROOMS[package]) if fnmatch.fnmatchcase(place, room)), -1)


def imports_of(package: str, unwanted: set[str]) -> list[str]:
    """The imports of unwanted top-level modules in a package, as "file imports module"."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(package)
        for name in imported(path)
        if top(name) in unwanted
    ]


def shipped() -> list[Path]:
    """All Python files outside the tests."""
    return [path for package in PACKAGES for path in sources(package)]


def tracked() -> list[Path]:
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


# ----------------------------------------------------------------------------
# Style and types.


def test_ruff_is_content():
    result = python("-m", "ruff", "check", "--no-cache", ".")
    assert result.returncode == 0, result.stdout + result.stderr


def test_mypy_is_content():
    result = python("-m", "mypy", "--no-error-summary")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", shipped(), ids=module_name)
def test_a_module_opens_with_a_sentence(path):
    docstring = ast.get_docstring(syntax(path)) or ""
    assert docstring.partition("\n")[0].endswith((".", ":")), f"{path} says nothing, or no whole sentence in one line"


@pytest.mark.parametrize("path", shipped(), ids=module_name)
def test_a_module_is_short(path):
    lines = path.read_bytes().count(b"\n")
    assert lines <= FILE_LIMIT


@pytest.mark.parametrize("path", shipped(), ids=module_name)
def test_a_function_fits_a_screen(path):
    functions = [node for node in ast.walk(syntax(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{f.name} at line {f.lineno}": (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LIMIT} == {}


def test_a_room_can_be_taken_in_at_a_glance():
    folders = sorted({path.parent for package in ("core", "ops", "visualizer") for path in sources(package)})
    modules = {str(folder.relative_to(ROOT)): len(list(folder.glob("*.py"))) - 1 for folder in folders}
    assert {folder: count for folder, count in modules.items() if count > ROOM_LIMIT} == {}


# ----------------------------------------------------------------------------
# Imports.


@pytest.mark.parametrize("package", ["ops", *ROOMS])
def test_no_files_import_each_other_in_a_circle(package):
    TopologicalSorter(module_imports(package)).prepare()


@pytest.mark.parametrize("package", ROOMS)
def test_a_room_imports_only_what_lies_below_it(package):
    found = [
        f"{name} imports {other}"
        for name, others in module_imports(package).items()
        for other in others
        if height(other) > height(name)
    ]
    assert found == []


@pytest.mark.parametrize("package", ROOMS)
def test_every_module_is_in_a_room(package):
    assert [name for name in module_imports(package) if height(name) < 0] == [package]


def test_the_toolkit_of_the_window_knows_nothing_of_networks():
    ours = [name for path in (ROOT / "visualizer" / "toolkit").glob("*.py") for name in imported(path)]
    below = ("visualizer.toolkit", "core.base", "resources")
    assert [name for name in ours if top(name) in PACKAGES and not name.startswith(below)] == []


def test_ops_imports_little_besides_torch():
    allowed = STANDARD | {"ops", "torch", "numpy", "cuda", "platformdirs"}
    names = {top(name) for path in sources("ops") for name in imported(path)}
    assert names <= allowed, imports_of("ops", names - allowed)


def test_core_does_not_know_the_window():
    assert not imports_of("core", {"visualizer", "tests", *WINDOW_LIBRARIES})


def test_only_the_window_imports_window_libraries():
    others = [package for package in PACKAGES if package != "visualizer"]
    assert not [found for package in others for found in imports_of(package, WINDOW_LIBRARIES)]


def test_resources_import_nothing_of_ours():
    # But the scripts that make the demo networks may import the networks.
    assert not imports_of("resources", {"visualizer", "tests"})
    assert not [name for path in (ROOT / "resources").glob("*.py") for name in imported(path) if top(name) in PACKAGES]


def test_nothing_imports_the_scripts_of_resources():
    allowed = {"resources", "resources.icons"}
    assert not [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in shipped()
        if path.parent != ROOT / "resources" / "demo"
        for name in imported(path)
        if top(name) == "resources" and name not in allowed
    ]


def test_the_program_does_not_import_its_tests():
    assert not [found for package in PACKAGES for found in imports_of(package, {"tests", "pytest", "hypothesis"})]


@pytest.mark.parametrize("name", WITHOUT_TORCH)
def test_an_early_module_loads_no_torch(name):
    result = python("-c", f"import sys, {name}; sys.exit('torch' in sys.modules)")
    assert result.returncode == 0, result.stderr or f"import {name} loads torch"


def test_no_import_prints_warns_or_does_work():
    # A folder without __init__.py holds scripts.
    ours = [module_name(path) for path in shipped() if (path.parent / "__init__.py").exists()]
    theirs = {name for path in shipped() for name in imported(path) if top(name) not in PACKAGES}
    # imgui_bundle comes before glfw, whose library it brings.
    first = sorted(theirs, key=lambda name: (top(name) != "imgui_bundle", name))
    names = {"FIRST": first, "OURS": ours, "OPTIONAL": OPTIONAL_LIBRARIES}
    result = python("-W", "error", "-c", IMPORT_ALL, **{key: " ".join(value) for key, value in names.items()})
    assert not result.stdout + result.stderr, result.stdout + result.stderr
    assert result.returncode == 0


def test_one_place_makes_paths_of_what_users_write():
    # Elsewhere a name that no file can have would end the program.
    assert [module_name(path) for path in shipped() if "expanduser(" in path.read_text()] == ["core.base.paths"]


# ----------------------------------------------------------------------------
# Files, versions, dependencies.


def test_the_repository_is_small():
    assert sum(path.stat().st_size for path in tracked()) < TREE_LIMIT


def test_the_golden_files_are_small():
    golden = ROOT / "tests" / "golden"
    assert sum(path.stat().st_size for path in tracked() if path.is_relative_to(golden)) < GOLDEN_LIMIT


def test_the_version_is_that_of_the_newest_change():
    newest = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert setup()["metadata"]["version"] == newest[1]


def test_every_dependency_has_a_tested_version():
    parser = setup()
    wanted = parser["options"]["install_requires"] + parser["options.extras_require"]["test"]
    pinned = {line.partition("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert {name.lower() for name in re.findall(r"^([\w-]+)", wanted, re.MULTILINE)} <= pinned


def test_ci_installs_what_the_tests_ask_for():
    packages = {*system.GL_LIBRARIES.values(), *system.X_LIBRARIES.values(), *system.X_PROGRAMS.values()}
    assert packages <= set((ROOT / ".ci" / "run").read_text().split())


def test_the_readme_names_every_command() -> None:
    from visualizer.__main__ import COMMANDS

    readme = (ROOT / "README.md").read_text()
    assert [command for command in COMMANDS if f"python -m visualizer {command}" not in readme] == []


def test_the_readme_names_the_demo_networks_there_are() -> None:
    from core.opening.demos import DEMOS, installed_demos

    readme = (ROOT / "README.md").read_text()
    assert [demo for demo in DEMOS if f"| `{demo.location}` |" in readme] == list(installed_demos())


def test_the_installed_program_has_its_demo_networks() -> None:
    patterns = setup()["options.package_data"]["resources"].split()
    demo = ROOT / "resources" / "demo"
    wanted = [path for path in tracked() if path.is_relative_to(demo) and path.suffix != ".py"]
    assert [path for path in wanted if not any(path.match(pattern) for pattern in patterns)] == []


def test_the_readme_has_every_panel_and_the_table_of_keys(display: None) -> None:
    code = (
        "import json; from visualizer.actions.commands import COMMANDS;from visualizer.views.workspaces import PANELS;"
        "print(json.dumps([[p.title for p in PANELS], [[c.keys_text, c.title] for c in COMMANDS if c.keys]]))"
    )
    environment = {**os.environ, "VISUALIZER_HEADLESS": "1"}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    panels, keys = json.loads(run.stdout)
    readme = (ROOT / "README.md").read_text()
    assert [panel for panel in panels if f"| {panel} |" not in readme] == []
    assert [key for key, what in keys if f"| {key} | {what} |" not in readme] == []
