"""The C++ compiler of this machine, and the commands that make the native library with it. Imports no torch."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "csrc"
COMPILER_VARIABLE = "CXX"
VERSION_TIMEOUT_S = 30.0
INSTALL = {
    "linux": "install g++, as in: apt install g++",
    "darwin": "install Apple's command line tools: xcode-select --install",
    "win32": "install the Build Tools for Visual Studio and start from their command prompt",
}
AVX512 = ("-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma", "-mprefer-vector-width=512")
X86_SETS = {  # of the instructions that the kernels are compiled for, besides those that every processor has
    "avx2": ("-mavx2", "-mfma"),
    "avx512": AVX512,
    "avx512_bf16": (*AVX512, "-mavx512bf16"),
}
MSVC_SETS = {"avx2": ("/arch:AVX2",), "avx512": ("/arch:AVX512",)}


class BuildError(Exception):
    """The library can not be had; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Torch:
    """What has to be known of an installed torch to compile against it."""

    folder: Path
    version: str
    new_strings: bool  # the C++11 strings of GCC's library


@dataclass(frozen=True, slots=True)
class Compiler:
    command: tuple[str, ...]
    version: str  # first line of what it says

    @property
    def is_msvc(self) -> bool:
        return Path(self.command[0]).stem.lower() == "cl"


def text_of(output: bytes) -> str:
    """What a program printed; it may be in any encoding."""
    return output.decode("utf-8", errors="replace").strip()


def first_line(text: str) -> str:
    return text.splitlines()[0].strip()[:200] if text else "no message"


def find_compiler() -> Compiler:
    """The one that the variable CXX names, or the system's. Raises BuildError if there is none that runs."""
    chosen = os.environ.get(COMPILER_VARIABLE, "").strip()
    if chosen:
        command = tuple(shlex.split(chosen, posix=sys.platform != "win32"))
        if shutil.which(command[0]) is None:
            raise BuildError(f"the C++ compiler {command[0]} that {COMPILER_VARIABLE} names is not there")
    else:
        names = ("cl",) if sys.platform == "win32" else ("c++", "g++", "clang++")
        found = next((name for name in names if shutil.which(name)), None)
        if found is None:
            raise BuildError(f"no C++ compiler was found; {INSTALL.get(sys.platform, 'install one')}")
        command = (found,)
    # Microsoft's prints its version when it is given nothing, and knows no option for it.
    options = () if Path(command[0]).stem.lower() == "cl" else ("--version",)
    try:
        done = subprocess.run(
            [*command, *options], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=VERSION_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"the C++ compiler {command[0]} does not run: {first_line(str(error))}") from error
    said = text_of(done.stdout) or text_of(done.stderr)
    if done.returncode != 0:
        raise BuildError(f"the C++ compiler {command[0]} does not run: {first_line(text_of(done.stderr) or said)}")
    return Compiler(command, first_line(text_of(done.stderr) if not options else said))


def find_ninja() -> str:
    """Its path: of this environment, or of the system. Raises BuildError if there is none."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("ninja", path=os.pathsep.join((beside, os.environ.get("PATH", os.defpath))))
    if found is None:
        raise BuildError("ninja was not found; install it, as in: pip install ninja")
    return found


def library_name() -> str:
    return {"win32": "stylegan_ops.dll", "darwin": "stylegan_ops.dylib"}.get(sys.platform, "stylegan_ops.so")


def commands(compiler: Compiler, torch: Torch) -> dict[str, list[str]]:
    """What makes each file, for a run in the folder of the build: the objects first, the library last."""
    suffix = ".obj" if compiler.is_msvc else ".o"
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    sets = (MSVC_SETS if compiler.is_msvc else X86_SETS) if x86 else {}
    compile_one = _msvc if compiler.is_msvc else _gcc
    made: dict[str, list[str]] = {}
    for name in ("binding", "cpu_allocator"):
        made[f"{name}{suffix}"] = compile_one(compiler, SOURCES / f"{name}.cpp", f"{name}{suffix}", _torch_flags(torch))
    for name, flags in {"baseline": (), **sets}.items():
        define = f"-DINSTRUCTION_SET={name}"
        source, target = SOURCES / "cpu" / "kernels.cpp", f"kernels_{name}{suffix}"
        made[target] = compile_one(compiler, source, target, [define, *flags])
    with_sets = [f"-DWITH_{name.upper()}" for name in sets]
    made[f"select{suffix}"] = compile_one(compiler, SOURCES / "cpu" / "select.cpp", f"select{suffix}", with_sets)
    objects = list(made)
    made[library_name()] = [*compiler.command, *_link(compiler, torch, objects)]
    return made


def _torch_flags(torch: Torch) -> list[str]:
    include = torch.folder / "include"
    if sys.platform == "win32":
        return [f"/I{include}", "/openmp"]
    flags = ["-isystem", str(include), f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.new_strings)}"]
    if sys.platform != "darwin":
        return [*flags, "-fopenmp"]
    # Apple's compiler has OpenMP without its header, which torch may have brought.
    return [*flags, "-Xpreprocessor", "-fopenmp"] if (include / "omp.h").exists() else flags


def _gcc(compiler: Compiler, source: Path, target: str, flags: list[str]) -> list[str]:
    # Contracted: a * b + c is one instruction where there is one. Wide vectors are passed inside of a file only.
    common = ["-std=c++20", "-O3", "-fPIC", "-ffp-contract=fast", "-fvisibility=hidden", "-Wno-psabi"]
    return [*compiler.command, *common, *flags, "-c", str(source), "-o", target]


def _msvc(compiler: Compiler, source: Path, target: str, flags: list[str]) -> list[str]:
    common = ["/nologo", "/std:c++20", "/O2", "/MD", "/EHsc", "/Zc:preprocessor", "/fp:contract"]
    return [*compiler.command, *common, *flags, "/c", str(source), f"/Fo{target}"]


def _link(compiler: Compiler, torch: Torch, objects: list[str]) -> list[str]:
    lib = torch.folder / "lib"
    if compiler.is_msvc:
        libraries = [str(lib / name) for name in ("torch_cpu.lib", "c10.lib")]
        return ["/nologo", "/LD", *objects, *libraries, f"/Fe{library_name()}"]
    flags = ["-shared", "-o", library_name(), *objects, f"-L{lib}", "-ltorch_cpu", "-lc10"]
    if sys.platform == "darwin":
        own = lib / "libomp.dylib"
        return [*flags, str(own), f"-Wl,-rpath,{lib}"] if own.exists() else flags
    # Torch may bring an OpenMP of its own under another name; a second one would have threads of its own.
    own_openmp = sorted(lib.glob("libgomp*.so*"))
    return [*flags, str(own_openmp[0]) if own_openmp else "-fopenmp"]
