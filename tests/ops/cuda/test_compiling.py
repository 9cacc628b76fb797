"""The CUDA kernels compile for every GPU since 2018, machine code is kept, and what is missing is said in words."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ops.base.cache_folder import CACHE_VARIABLE
from ops.base.calls import BiasAct, FilteredLrelu, FirBiasAct, Upfirdn2d
from ops.base.constants import ACTIVATIONS
from ops.cuda import bias_act, cache, device, filtered_lrelu, modulate, nvrtc, sg2_tail, upfirdn2d
from ops.cuda.kernel import SOURCES, Kernel, Unavailable
from ops.cuda.modulate import Weights
from ops.cuda.tiles import Axis, Shape

ARCHITECTURES = (75, 80, 86, 89, 90, 100, 120)
MACHINE_CODE = b"\x7fELF"
NVCC = shutil.which("nvcc")


def nvrtc_is_missing() -> str:
    try:
        nvrtc.imported()
    except Unavailable as error:
        return str(error)
    return ""


needs_nvrtc = pytest.mark.skipif(bool(nvrtc_is_missing()), reason=nvrtc_is_missing() or "it is there")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the cache, for each test another."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    return tmp_path / "ops" / "cuda"


def kernels(*dtypes: torch.dtype) -> Iterator[Kernel]:
    """Each source in each type; the filters of StyleGAN3, the longest filters."""
    f = torch.ones(4, 4)
    twelve, most = Axis(2, 2, 12, 12, 9, 9), Axis(4, 4, 32, 32, 3, 3)
    for dtype in dtypes:
        x = torch.empty(1, 1, 1, 1, dtype=dtype)
        yield bias_act.kernel(x, "lrelu", 4)
        yield from (step.kernel(x, 1) for step in upfirdn2d.passes(Upfirdn2d(x, f, up=(2, 2))))
        yield sg2_tail.kernel(x, f, "lrelu", 1)
        yield from (modulate.kernel(dtype, norm, True) for norm in modulate.NORMS)
        for shape in (Shape(twelve, twelve, False), Shape(twelve, twelve, True), Shape(most, most, False)):
            yield shape.kernel(x, shape.best_tile(128, 128))


def activations() -> Iterator[Kernel]:
    """Each activation and its gradient."""
    x = torch.empty(1)
    for act, gradient in itertools.product(ACTIVATIONS, (False, True)):
        yield bias_act.kernel(x, act, 1, gradient=gradient)


@pytest.mark.skipif(NVCC is None, reason="nvcc is not on the path")
def test_nvcc_compiles_every_source(tmp_path: Path) -> None:
    kept: dict[object, Kernel] = {}
    for kernel in kernels(torch.float16):
        kept.setdefault((kernel.name, dict(kernel.macros).get("RADIAL")), kernel)
    sources = [SOURCES / f"{kernel.name}.cu" for kernel in kept.values()]
    assert set(SOURCES.glob("*.cu")) == set(sources)
    running = []
    for i, (kernel, source) in enumerate(zip(kept.values(), sources, strict=True)):
        every = "-DRADIAL=0" in kernel.options
        wanted = ARCHITECTURES if every else ARCHITECTURES[i % len(ARCHITECTURES) :][:1]
        targets = [f"-gencode=arch=compute_{arch},code=sm_{arch}" for arch in wanted]
        command = [str(NVCC), "-fatbin", "-std=c++17", "-Werror=all-warnings", *targets, *kernel.options, str(source)]
        running.append(
            subprocess.run([*command, "-o", str(tmp_path / f"{i}.fatbin")], check=False, capture_output=True)
        )
    assert [run.stderr.decode() for run in running if run.returncode != 0] == []


@needs_nvrtc
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_nvrtc_compiles_every_source(arch: int) -> None:
    for kernel in kernels(torch.float16):
        assert nvrtc.compiled(kernel, arch).startswith(MACHINE_CODE)


@needs_nvrtc
def test_nvrtc_compiles_every_type_and_activation() -> None:
    for kernel in itertools.chain(kernels(torch.float32, torch.bfloat16), activations()):
        assert nvrtc.compiled(kernel, 75).startswith(MACHINE_CODE)


@needs_nvrtc
def test_a_gpu_newer_than_nvrtc_gets_code_that_the_driver_translates() -> None:
    assert b".target sm_" in nvrtc.compiled(next(activations()), 999)


@needs_nvrtc
def test_the_first_line_of_the_compiler_says_what_is_wrong() -> None:
    with pytest.raises(Unavailable, match=r"NVRTC does not compile bias_act\.cu: .*TYPE"):
        nvrtc.compiled(Kernel("bias_act", ()), 80)


@needs_nvrtc
def test_machine_code_is_compiled_once_and_again_when_it_is_damaged(folder: Path) -> None:
    kernel = next(activations())
    code = nvrtc.compiled(kernel, 80)
    (path,) = folder.iterdir()
    stored = path.read_bytes()
    path.write_bytes(stored[:-1] + b"?")
    assert nvrtc.compiled(kernel, 80) == code
    assert path.read_bytes() == stored
    nvrtc.compiled(kernel, 86)
    assert len(list(folder.iterdir())) == 2


def test_the_cache_gives_back_only_what_was_written_whole(folder: Path) -> None:
    assert cache.read("key") is None
    cache.write("key", b"code")
    assert cache.read("key") == b"code"
    assert [path.name for path in folder.iterdir()] == ["key"]
    for damaged in (b"", b"code", (folder / "key").read_bytes()[:-1]):
        (folder / "key").write_bytes(damaged)
        assert cache.read("key") is None


def test_a_cache_that_cannot_be_written_is_no_error(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"a file where the folder should be")
    cache.write("key", b"code")
    assert cache.read("key") is None


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_read_only_cache_is_no_error(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o500)
    cache.write("key", b"code")
    assert cache.read("key") is None


# ----------------------------------------------------------------------------
# What cannot run says why.


def test_no_import_needs_cuda_or_looks_for_it() -> None:
    modules = "bias_act, cache, device, filtered_lrelu, modulate, nvrtc, sg2_tail, upfirdn2d"
    code = f"import sys, torch; before = set(sys.modules); from ops.cuda import {modules};"  # torch may look for it
    code += "assert not [name for name in set(sys.modules) - before if name.startswith('cuda.')];"
    code += "assert not torch.cuda.is_initialized()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_package_the_reason_names_it() -> None:
    code = "import sys; sys.modules['cuda.bindings'] = None; from ops.cuda import nvrtc; nvrtc.imported()"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "Unavailable: the package cuda-bindings is not installed" in done.stderr


def test_a_tensor_elsewhere_is_refused_before_anything_is_looked_for() -> None:
    x = torch.ones(1, 1, 4, 4)
    reasons = (
        bias_act.why_not(BiasAct(x)),
        upfirdn2d.why_not(Upfirdn2d(x, None)),
        filtered_lrelu.why_not(FilteredLrelu(x, None, None, None)),
        modulate.why_not_make(Weights(x, torch.ones(1, 1))),
        sg2_tail.why_not(FirBiasAct(x, None, None)),
    )
    assert set(reasons) == {"the tensor is on the device cpu, not on a GPU with CUDA"}


@pytest.mark.skipif(torch.version.cuda is not None, reason="this torch is built with CUDA")
def test_a_torch_without_cuda_is_a_reason() -> None:
    assert device.why_not(torch.device("cuda", 0), activations()) == "this torch is built without CUDA"


def test_what_no_kernel_can_do_is_refused_in_words() -> None:
    x, f = torch.ones(1, 1, 4, 4), torch.ones(33, 33)
    assert bias_act.why_not(BiasAct(x.double())) == "there is no kernel for float64"
    assert bias_act.why_not(BiasAct(x[:0])) == "the tensor is empty"
    assert bias_act.why_not(BiasAct(x, act="gelu")) == "there is no activation 'gelu'"
    assert bias_act.why_not(BiasAct(x, torch.ones(2))) == "the bias has the shape [2], not [1]"
    elsewhere = Upfirdn2d(x, torch.ones(2, device="meta"))
    assert upfirdn2d.why_not(elsewhere) == "tensors are on the devices cpu and meta"
    assert upfirdn2d.why_not(Upfirdn2d(x[0], None)) == "the tensor has 3 dimensions, not 4"
    assert upfirdn2d.why_not(Upfirdn2d(x, f)) == "the filter has more than 32 taps along an axis"
    followed = Upfirdn2d(x, f[:2, :2].clone().requires_grad_())
    assert upfirdn2d.why_not(followed) == "the filter has no gradient"
    filtered = FilteredLrelu(x, None, None, None)
    assert filtered_lrelu.why_not(replace(filtered, fd=f)) == "a filter has more than 32 taps along an axis"
    assert filtered_lrelu.why_not(replace(filtered, fu=f[:2, :2])) == "the filter for up-sampling is 2-D"
    assert filtered_lrelu.why_not(replace(filtered, up=(3, 3))) == "a factor is none of 1, 2, 4"
    assert modulate.why_not_make(Weights(x.half(), x[0, 0, :1])) == "weights and styles are not float32"
    assert modulate.why_not_make(Weights(x, x[0, 0])) == "weights of [1, 1, 4, 4] and styles of [4, 4] do not fit"
    unknown = Weights(x, x[0, 0, :1, :1], norm="max")
    assert modulate.why_not_make(unknown) == "there is no normalisation 'max'"
    strong = FirBiasAct(x, None, None, strength=torch.ones(2))
    assert sg2_tail.why_not(strong) == "the strength of the noise is 2 numbers, not one"
    assert sg2_tail.why_not(FirBiasAct(x, f, None)) == "the filter has more than 8 taps along an axis"


def test_every_shape_has_a_tile_that_every_gpu_can_hold() -> None:
    for up, down, up_taps, down_taps in itertools.product((1, 2, 4), (1, 2, 4), (1, 7, 32), (1, 12, 32)):
        axis = Axis(up, down, up_taps, down_taps, 0, 0)
        for radial in (False, True):
            shape = Shape(axis, axis, radial)
            tile = shape.best_tile(1044, 1044)
            assert shape.kernel(torch.empty(0), tile).shared_bytes <= 64 * 2**10
