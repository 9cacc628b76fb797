"""The CUDA kernels but filtered_lrelu, run on the host: the values of the reference at any size, type and layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ops.base.calls import BiasAct, FirBiasAct, Upfirdn2d
from ops.base.constants import ACTIVATIONS
from ops.base.geometry import filter_size
from ops.bias_act import bias_act as reference_bias_act
from ops.cuda import bias_act, modulate, sg2_tail, upfirdn2d
from ops.cuda.kernel import Launch
from ops.cuda.modulate import Weights
from ops.upfirdn2d import upfirdn2d as reference_upfirdn2d

from .emulation.cases import SIZES, TYPES, Case, apart, check_all, double, drawn, taps
from .emulation.emulator import COMPILER, Emulator

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C++ compiler here to run CUDA kernels on the host")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    return Emulator(tmp_path_factory.mktemp("kernels"))


# ----------------------------------------------------------------------------
# bias_act.


def inputs_of_any_layout(dtype: torch.dtype) -> Iterator[tuple[str, Tensor, int]]:
    """And the dimension of the channels."""
    yield from (
        (f"{shape}", drawn(*shape, dtype=dtype), 1) for shape in ((1, 1), (5, 17), (2, 3, 17, 33), (1, 90, 3, 3))
    )
    yield "first dimension", drawn(7, 3, dtype=dtype), 0
    yield "last dimension", drawn(2, 5, 7, dtype=dtype), 2
    yield "channels last", drawn(2, 3, 17, 7, dtype=dtype, channels_last=True), 1
    yield "one dimension", drawn(19, dtype=dtype), 0
    yield "unaligned", drawn(2 * 3 * 33 + 1, dtype=dtype)[1:].view(2, 3, 33), 1
    yield "with gaps", drawn(2, 3, 14, dtype=dtype)[..., ::2], 1


@pytest.mark.parametrize("dtype", TYPES)
def test_bias_act_on_any_layout(emulator: Emulator, dtype: torch.dtype) -> None:
    def cases() -> Iterator[Case]:
        for name, x, dim in inputs_of_any_layout(dtype):
            b = drawn(x.shape[dim], seed=1)
            expected = reference_bias_act(x.double(), b.double(), dim=dim, act="lrelu", alpha=0.3, gain=1.5, clamp=0.9)
            yield Case.of(name, expected, bias_act.prepare, BiasAct(x, b, dim, "lrelu", 0.3, 1.5, 0.9))

    check_all(emulator, cases())


def test_every_activation_and_its_gradient(emulator: Emulator) -> None:
    x = torch.cat([drawn(2, 3, 33) * 3, torch.tensor([-50.0, -1e-3, 0.0, 1e-3, 25.0, 50.0]).expand(2, 3, 6)], dim=2)
    b, dy = torch.tensor([0.0, 0.5, -2.0]), drawn(2, 3, 39, seed=2)

    def cases() -> Iterator[Case]:
        for act, clamp in itertools.product(ACTIVATIONS, (None, 1.1)):
            call = BiasAct(x, b, act=act, gain=1.3, clamp=clamp)
            leaf = x.double().requires_grad_()
            y = reference_bias_act(leaf, b.double(), act=act, gain=1.3, clamp=clamp)
            (dx,) = torch.autograd.grad(y, leaf, dy.double())
            yield Case.of(act, y.detach(), bias_act.prepare, call)
            yield Case.of(f"gradient of {act}", dx, bias_act.prepare_gradient, dy, call)

    check_all(emulator, cases())


def test_bias_act_in_place(emulator: Emulator) -> None:
    for offset in (0, 1):  # aligned to 16 bytes, and not
        x, b = drawn(offset + 2 * 3 * 35)[offset:].view(2, 3, 35), drawn(3, seed=1)
        expected = reference_bias_act(x, b, act="swish")
        emulator.run([bias_act.launch(BiasAct(x, b, act="swish", gain=2**0.5), x=x, y=x)])
        assert torch.allclose(x, expected, atol=1e-6)


def test_what_is_not_a_number_stays_visible(emulator: Emulator) -> None:
    x = torch.tensor([[torch.nan, -torch.inf, torch.inf, 1.0]])
    for act in ("linear", "relu", "lrelu"):
        y, launches = bias_act.prepare(BiasAct(x, act=act, clamp=4.0))
        emulator.run(launches)
        assert torch.equal(y, reference_bias_act(x, act=act, gain=1.0, clamp=4.0)) or y[0, 0].isnan()
        assert torch.equal(y[:, 1:], reference_bias_act(x, act=act, gain=1.0, clamp=4.0)[:, 1:])


# ----------------------------------------------------------------------------
# upfirdn2d.


def upfirdn2d_cases(
    up: tuple[int, int], down: tuple[int, int], f: Tensor | None, dtypes: Sequence[torch.dtype]
) -> Iterator[Case]:
    width, height = filter_size(f)
    centred = (width // 2, (width - 1) // 2, height // 2, (height - 1) // 2)
    wide = (width + 2, width, height + 1, height + 3)
    crop = (-3, width, height + 1, -2)
    for i, (size, padding, dtype) in enumerate(itertools.product(SIZES, (centred, wide, crop), dtypes)):
        channels_last, flip = i % 2 == 1, i % 3 == 1
        x = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last)
        try:
            expected = reference_upfirdn2d(
                x.double(), double(f), up=up, down=down, padding=padding, flip_filter=flip, gain=1.7
            )
        except ValueError:  # the crop leaves nothing
            continue
        name = f"{size} {padding} {dtype} {'channels last' if channels_last else 'contiguous'} {flip=}"
        yield Case.of(name, expected, upfirdn2d.prepare, Upfirdn2d(x, f, up, down, padding, flip, 1.7))


UPFIRDN2D_SHAPES = (
    ((1, 1), (1, 1), (4, 4)),
    ((2, 2), (1, 1), (4, 4)),
    ((1, 1), (2, 2), (4, 4)),
    ((4, 4), (1, 1), (12,)),
    ((1, 1), (4, 4), (24,)),
    ((2, 2), (4, 4), (7,)),
    ((4, 4), (2, 2), (5, 9)),
    ((2, 1), (1, 4), (3, 2)),
    ((1, 1), (1, 1), (32,)),
    ((4, 4), (1, 1), (2, 2)),
    ((1, 1), (1, 1), ()),
    ((2, 2), (1, 1), ()),
    ((4, 2), (2, 4), ()),
)


@pytest.mark.parametrize(("up", "down", "shape"), UPFIRDN2D_SHAPES)
def test_upfirdn2d(emulator: Emulator, up: tuple[int, int], down: tuple[int, int], shape: tuple[int, ...]) -> None:
    check_all(emulator, upfirdn2d_cases(up, down, taps(*shape), TYPES[:1]))


@pytest.mark.parametrize("shape", [(4, 4), (12,)])
def test_upfirdn2d_in_half_precision(emulator: Emulator, shape: tuple[int, ...]) -> None:
    check_all(emulator, upfirdn2d_cases((2, 2), (1, 1), taps(*shape), TYPES[1:]))


# ----------------------------------------------------------------------------
# modulate, sg2_tail.


@pytest.mark.parametrize("norm", modulate.NORMS)
def test_modulate(emulator: Emulator, norm: str) -> None:
    shapes = ((1, 1, 1, 1, 1), (2, 3, 5, 3, 3), (3, 7, 4, 1, 1), (1, 2, 300, 3, 3), (2, 4, 3, 3, 2))

    def cases() -> Iterator[Case]:
        options = itertools.product(shapes, (False, True), (False, True), (False, True))
        for i, ((n, o, c, *kernel), demodulate, transpose, channels_last) in enumerate(options):
            dtype = TYPES[i % 3]
            weight, styles = drawn(o, c, *kernel) * 3, drawn(n, c, seed=1)
            gain = (None, torch.rand(()), torch.rand(c), torch.rand(n, c))[i % 4]
            numbers = (norm, demodulate, i % 5 == 1, transpose, channels_last)
            exact = Weights(weight.double(), styles.double(), double(gain), torch.float64, *numbers)
            wanted = Weights(weight, styles, gain, dtype, *numbers)
            yield Case.of(f"{n, o, c, *kernel} {numbers}", modulate.steps(exact), modulate.prepare, wanted)

    check_all(emulator, cases())


def test_styles_that_overflow_float16_give_finite_weights(emulator: Emulator) -> None:
    weight, styles = drawn(3, 5, 3, 3) * 1e3, drawn(1, 5, seed=1) * 1e4
    y, launches = modulate.prepare(Weights(weight, styles, dtype=torch.float16, norm="peak"))
    emulator.run(launches)
    assert y.isfinite().all()
    assert torch.allclose(y.float().square().sum((1, 2, 3)), torch.ones(3), atol=2e-3)


SG2_TAIL_FILTERS = {"none": (), "4x4": (4, 4), "separable": (4,), "3x5": (3, 5)}


@pytest.mark.parametrize("shape", SG2_TAIL_FILTERS.values(), ids=SG2_TAIL_FILTERS)
def test_sg2_tail(emulator: Emulator, shape: tuple[int, ...]) -> None:
    f, b = taps(*shape), drawn(3, seed=1)
    width, height = filter_size(f)

    def cases() -> Iterator[Case]:
        paddings = ((width, 1, height, 2), (width - 1, 0, -1, height))
        for i, (size, padding, dtype) in enumerate(itertools.product((*SIZES, (9, 5)), paddings, TYPES)):
            channels_last, flip, act = i % 2 == 1, i % 5 > 2, ("lrelu", "linear")[i // 6 % 2]
            x = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last)
            try:
                y = reference_upfirdn2d(x.double(), double(f), padding=padding, flip_filter=flip, gain=4.0)
            except ValueError:  # the crop leaves nothing
                continue
            noise = (None, drawn(*y.shape[2:], seed=2), drawn(2, 1, *y.shape[2:], seed=2))[i // 3 % 3]
            strength = (None, torch.tensor(0.3))[i // 2 % 2]
            if noise is not None:
                y = y + noise.double() * (1.0 if strength is None else strength.double())
            expected = reference_bias_act(y, b.double(), act=act, alpha=0.2, gain=1.4, clamp=3.0)
            numbers = (padding, flip, 4.0, act, 0.2, 1.4, 3.0)
            name = f"{size} {numbers} {dtype} {channels_last=} noise {None if noise is None else noise.shape}"
            yield Case.of(name, expected, sg2_tail.prepare, FirBiasAct(x, f, b, noise, strength, *numbers))

    check_all(emulator, cases())


# ----------------------------------------------------------------------------
# Any size of tensor.


def with_wide_indices(launch: Launch) -> Launch:
    macros = {**dict(launch.kernel.macros), "INDEX": "unsigned long long"}
    return replace(launch, kernel=replace(launch.kernel, macros=tuple(macros.items())))


def test_indices_of_64_bits_give_the_same(emulator: Emulator) -> None:
    x, f = apart(drawn(2, 3, 9, 7)), taps(4, 4)
    for y, launches in (
        bias_act.prepare(BiasAct(x, drawn(3), act="lrelu", clamp=2.0)),
        upfirdn2d.prepare(Upfirdn2d(x, f, up=(2, 2), padding=(2, 1, 2, 1))),
        sg2_tail.prepare(FirBiasAct(x, f, drawn(3), padding=(2, 1, 2, 1), act="lrelu", clamp=2.0)),
    ):
        emulator.run(launches)
        narrow = y.clone()
        y.zero_()
        emulator.run(map(with_wide_indices, launches))
        assert torch.equal(y, narrow)
