"""The CUDA operations as torch sees them: schemas, shapes without data, gradients. Their kernels run on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from ops.base.calls import BiasAct, FilteredLrelu, FirBiasAct, Upfirdn2d
from ops.bias_act import bias_act as reference_bias_act
from ops.cuda import bias_act, filtered_lrelu, modulate, sg2_tail, upfirdn2d
from ops.cuda.modulate import Weights
from ops.filtered_lrelu import filtered_lrelu as reference_filtered_lrelu
from ops.upfirdn2d import upfirdn2d as reference_upfirdn2d

from .emulation.cases import drawn
from .emulation.emulator import COMPILER, Emulator

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler here to run CUDA kernels on the host")

LRELU = (1, "lrelu", 0.2, 1.4, 0.9)
RESAMPLING = ((2, 2), (1, 1), (2, 1, 2, 1), False, 4.0)
FILTERED = ((2, 2), (2, 2), (3, 4, 3, 4), 1.3, 0.2, 0.8, False)
MODULATED = (torch.float16, "peak", True, True, True, False)
TAIL = ((2, 1, 2, 1), False, 4.0, "lrelu", 0.2, 1.4, 3.0)


@pytest.fixture(scope="module", autouse=True)
def on_the_host(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The operations get a kernel for the CPU: the one for CUDA, emulated."""
    emulator = Emulator(tmp_path_factory.mktemp("kernels"))

    def emulated(prepare: Callable[..., Any], call: Callable[..., Any]) -> Callable[..., Tensor]:
        def run(*arguments: Any) -> Tensor:
            y, launches = prepare(call(*arguments))
            emulator.run(launches)
            return y

        return run

    def overwrite(x: Tensor, *others: Any) -> None:
        emulator.run([bias_act.launch(BiasAct(x, *others), x=x, y=x)])

    def gradient(dy: Tensor, *arguments: Any) -> Tensor:
        return emulated(lambda call: bias_act.prepare_gradient(dy, call), BiasAct)(*arguments)

    classes = {upfirdn2d: Upfirdn2d, filtered_lrelu: FilteredLrelu, modulate: Weights, sg2_tail: FirBiasAct}
    for module, call in {bias_act: BiasAct, **classes}.items():
        module.compute.register_kernel("cpu")(emulated(module.prepare, call))
    bias_act.compute_gradient.register_kernel("cpu")(gradient)
    bias_act.overwrite.register_kernel("cpu")(overwrite)


def leaf(*shape: int, seed: int = 0) -> Tensor:
    return drawn(*shape, seed=seed).requires_grad_()


def test_torch_finds_no_fault_in_the_registration() -> None:
    f, x = torch.rand(4, 4), drawn(2, 3, 6, 5)
    calls: tuple[tuple[Any, tuple[Any, ...]], ...] = (
        (bias_act.compute, (leaf(2, 3, 6, 5), leaf(3), *LRELU)),
        (bias_act.compute, (x.contiguous(memory_format=torch.channels_last), None, *LRELU)),
        (bias_act.compute_gradient, (x, x, drawn(3), *LRELU)),
        (bias_act.overwrite, (x, drawn(3), *LRELU)),
        (upfirdn2d.compute, (leaf(2, 3, 6, 5), f, *RESAMPLING)),
        (upfirdn2d.compute, (x.contiguous(memory_format=torch.channels_last), f[0], *RESAMPLING)),
        (filtered_lrelu.compute, (leaf(2, 3, 6, 5), f[0], f[1], leaf(3), *FILTERED)),
        (modulate.compute, (leaf(3, 2, 3, 3), leaf(2, 2), None, *MODULATED)),
        (sg2_tail.compute, (leaf(2, 3, 6, 5), f, leaf(3), leaf(6, 5), leaf(), *TAIL)),
    )
    checks = ("test_schema", "test_autograd_registration", "test_faketensor")
    for operation, arguments in calls:
        torch.library.opcheck(operation, arguments, test_utils=checks)


def test_shapes_and_layouts_are_known_without_a_gpu() -> None:
    with FakeTensorMode():
        x = torch.empty(2, 3, 6, 5, dtype=torch.float16, device="cuda", memory_format=torch.channels_last)
        f, taps, styles = (torch.empty(shape, device="cuda") for shape in ((4, 4), (4,), (1, 3)))
        results = (
            bias_act.compute(x, None, *LRELU),
            upfirdn2d.compute(x, f, *RESAMPLING),
            filtered_lrelu.compute(x, taps, f, None, *FILTERED),
            sg2_tail.compute(x, f, None, None, None, *TAIL),
        )
        weights = modulate.compute(torch.empty(4, 3, 3, 3, device="cuda"), styles, None, *MODULATED)
    assert [tuple(y.shape) for y in results] == [(2, 3, 6, 5), (2, 3, 12, 10), (2, 3, 7, 6), (2, 3, 6, 5)]
    assert all(y.dtype == x.dtype and y.device.type == "cuda" for y in results)
    assert all(y.is_contiguous(memory_format=torch.channels_last) for y in results)
    assert (tuple(weights.shape), weights.dtype) == ((3, 4, 3, 3), torch.float16)


def assert_same_gradients(
    ours: Callable[..., Tensor], reference: Callable[..., Tensor], inputs: dict[str, Tensor]
) -> None:
    """Of a loss that weighs each sample differently."""
    ours_y, reference_y = (function(**inputs) for function in (ours, reference))
    weights = drawn(*ours_y.shape, seed=9)
    found = torch.autograd.grad((ours_y * weights).sum(), list(inputs.values()))
    expected = torch.autograd.grad((reference_y * weights).sum(), list(inputs.values()))
    for name, a, b in zip(inputs, found, expected, strict=True):
        assert torch.allclose(a, b, atol=1e-5 * max(1.0, float(b.abs().max()))), name


def test_gradients_of_bias_act() -> None:
    inputs = {"x": leaf(2, 3, 6, 5), "b": leaf(3, seed=1)}
    options: dict[str, Any] = {"act": "swish", "gain": 2**0.5, "clamp": 0.9}
    assert_same_gradients(
        lambda x, b: bias_act.run(BiasAct(x, b, **options)), lambda x, b: reference_bias_act(x, b, **options), inputs
    )


@pytest.mark.parametrize(("up", "down", "shape"), [(2, 1, (4, 4)), (1, 2, (3, 4)), (4, 2, (7,)), (1, 1, ())])
@pytest.mark.parametrize("padding", [(5, 4, 3, 6), (-2, 9, 8, -1)])
def test_gradients_of_upfirdn2d(up: int, down: int, shape: tuple[int, ...], padding: tuple[int, ...]) -> None:
    f = torch.rand(shape) if shape else None
    options: dict[str, Any] = {"up": (up, up), "down": (down, down), "padding": padding, "gain": 1.7}
    assert_same_gradients(
        lambda x: upfirdn2d.run(Upfirdn2d(x, f, **options)),
        lambda x: reference_upfirdn2d(x, f, **options),
        {"x": leaf(2, 3, 6, 5)},
    )


@pytest.mark.parametrize("shape", [(8,), (8, 8)])
def test_gradients_of_filtered_lrelu(shape: tuple[int, ...]) -> None:
    fu, fd = torch.rand(8) / 4, torch.rand(shape) / 8
    options: dict[str, Any] = {"up": (2, 2), "down": (2, 2), "padding": (7, 7, 7, 7), "gain": 2**0.5, "clamp": 0.8}
    assert_same_gradients(
        lambda x, b: filtered_lrelu.run(FilteredLrelu(x, fu, fd, b, **options)),
        lambda x, b: reference_filtered_lrelu(x, fu=fu, fd=fd, b=b, **options),
        {"x": leaf(2, 3, 6, 5), "b": leaf(3, seed=1)},
    )


def test_gradients_of_modulate() -> None:
    inputs = {"weight": leaf(4, 3, 3, 3), "styles": leaf(2, 3, seed=1), "gain": torch.rand(3).requires_grad_()}
    options: dict[str, Any] = {"norm": "rms", "flip": True, "transpose": True, "channels_last": True}
    assert_same_gradients(
        lambda weight, styles, gain: modulate.make(Weights(weight, styles, gain, **options)),
        lambda weight, styles, gain: modulate.steps(Weights(weight, styles, gain, **options)),
        inputs,
    )


def test_gradients_of_the_end_of_a_layer() -> None:
    f = torch.rand(4, 4)
    inputs = {"x": leaf(2, 3, 6, 5), "b": leaf(3, seed=1), "noise": leaf(2, 1, 5, 4, seed=2), "strength": leaf(seed=3)}

    def ours(x: Tensor, b: Tensor, noise: Tensor, strength: Tensor) -> Tensor:
        options: dict[str, Any] = {"padding": (1, 1, 1, 1), "filter_gain": 4.0, "act": "lrelu", "gain": 2**0.5}
        return sg2_tail.run(FirBiasAct(x, f, b, noise, strength, **options, clamp=3.0))

    def steps(x: Tensor, b: Tensor, noise: Tensor, strength: Tensor) -> Tensor:
        x = reference_upfirdn2d(x, f, padding=1, gain=4.0) + noise * strength
        return reference_bias_act(x, b, act="lrelu", clamp=3.0)

    assert_same_gradients(ours, steps, inputs)


def test_only_upfirdn2d_has_gradients_of_gradients() -> None:
    f, x = torch.rand(4), leaf(1, 2, 6, 5)
    y = upfirdn2d.run(Upfirdn2d(x, f, padding=(2, 2, 2, 2)))
    (dx,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
    torch.autograd.grad(dx.square().sum(), x)
    y = filtered_lrelu.run(FilteredLrelu(x, f, f, None, padding=(3, 3, 3, 3)))
    with pytest.raises(RuntimeError, match="first-order gradients only"):
        torch.autograd.grad(y.sum(), x, create_graph=True)


def test_bias_act_overwrites_what_it_may() -> None:
    x, b = drawn(2, 3, 6, 5), drawn(3, seed=1)
    expected = reference_bias_act(x, b, act="lrelu")
    assert bias_act.run(BiasAct(x, b, act="lrelu", gain=2**0.5, inplace=True)) is x
    assert torch.allclose(x, expected)
    followed = leaf(2, 3, 6, 5)
    assert bias_act.run(BiasAct(followed, b, act="lrelu", inplace=True)) is not followed


def test_what_leaves_no_picture_is_refused_as_the_reference_does() -> None:
    x, f = drawn(1, 1, 4, 4), torch.ones(5)
    for call in (
        lambda: upfirdn2d.run(Upfirdn2d(x, f)),
        lambda: filtered_lrelu.run(FilteredLrelu(x, f, f, None)),
        lambda: sg2_tail.run(FirBiasAct(x, f, None)),
    ):
        with pytest.raises(ValueError, match=r"than the filters? cover"):
            call()
