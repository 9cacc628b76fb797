"""EQ-T and EQ-R of generators whose pictures are known formulas, and of small StyleGAN3 networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import BadOutput, Cancelled, OutOfMemory, UsageError
from core.display.frame import Metric
from core.measure.equivariance import Score, draw_move, equivariance
from core.request import IDENTITY, Matrix, ModelInfo, NoiseMode
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from tests.small import stylegan2, stylegan3

SIZE = 48
WAVES = 8
ALL = list(Metric)

INFO = ModelInfo(
    family="Painter",
    architecture="",
    width=SIZE,
    height=SIZE,
    channels=1,
    z_dim=4 * WAVES,
    w_dim=4 * WAVES,
    c_dim=0,
    num_ws=1,
    ws_names=("all",),
    has_transform=True,
)

Paint = Callable[[SynthesisInputs], Tensor]  # -> the pictures, [N, C, H, W]


@dataclass
class Painter:
    """A generator whose pictures a function of its inputs makes, in one step. w is z."""

    paint: Paint
    info: ModelInfo = INFO
    noise_shapes: tuple[tuple[int, int], ...] = ()
    stored_noise: tuple[Tensor, ...] = ()
    tensors: Callable[[], Mapping[str, Tensor]] = dict
    runs: list[SynthesisInputs] = field(default_factory=list)
    classes: list[Tensor] = field(default_factory=list)

    @property
    def w_avg(self) -> Tensor:
        return torch.zeros(self.info.w_dim)

    def centre(self, c: Tensor | None) -> Tensor:
        return self.w_avg[None]

    @property
    def steps(self) -> tuple[Step, ...]:
        return (Step("all", self._run, ws=(0,), transform=True),)

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        if c is not None:
            self.classes.append(c)
        return z[:, None]

    def span(self, layer: str) -> float:
        return 1.0

    def to(self, device: torch.device) -> Painter:
        return self

    def _run(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        self.runs.append(inputs)
        return (tap("all", self.paint(inputs)),)


def sine_waves(ws: Tensor, matrix: Matrix, size: int = SIZE) -> Tensor:
    """Waves of up to a tenth of a cycle a pixel, in directions of w, looked up at matrix p instead of p."""
    angle, share, phase, height = ws[:, 0].double().reshape(-1, WAVES, 4, 1, 1).unbind(2)
    reach = 0.1 * size * share.sin().abs()
    a, b, move_x, c, d, move_y = matrix
    line = (torch.arange(size, dtype=torch.float64) + 0.5) / size - 0.5
    x, y = line[None, :], line[:, None]
    swing = reach * (angle.cos() * (a * x + b * y + move_x) + angle.sin() * (c * x + d * y + move_y))
    heights = height.sin() / math.sqrt(WAVES)
    return ((swing * 2 * math.pi + phase).sin() * heights).sum(dim=1, keepdim=True).float()


def obedient() -> Painter:
    return Painter(lambda inputs: sine_waves(inputs.ws, inputs.transform))


def deaf() -> Painter:
    return Painter(lambda inputs: sine_waves(inputs.ws, IDENTITY))


def flicker(level: Callable[[Tensor], Tensor] = lambda ws: torch.tensor(0.25)) -> Painter:
    """Black pictures that turn gray when they are moved: by `level` of ws."""

    def paint(inputs: SynthesisInputs) -> Tensor:
        moved = inputs.transform != IDENTITY
        return torch.zeros(len(inputs.ws), 1, SIZE, SIZE) + level(inputs.ws) * moved

    return Painter(paint)


# ----------------------------------------------------------------------------
# What the numbers are.


def test_a_generator_that_follows_exactly_scores_high():
    scores = equivariance(obedient(), 6)
    assert list(scores) == ALL
    assert scores[Metric.EQT].psnr_db > 100
    assert scores[Metric.EQT_FRAC].psnr_db > 50
    assert scores[Metric.EQR].psnr_db > 50


def test_a_generator_that_ignores_the_transform_scores_low():
    assert all(score.psnr_db < 25 for score in equivariance(deaf(), 6).values())


@pytest.mark.parametrize("metric", ALL)
def test_a_generator_that_does_the_inverse_scores_low(metric):
    def paint(inputs: SynthesisInputs) -> Tensor:
        a, b, x, c, d, y = inputs.transform
        return sine_waves(inputs.ws, (a, c, -x, b, d, -y))

    assert equivariance(Painter(paint), 6, metrics=[metric])[metric].psnr_db < 25


def test_a_known_error_has_its_known_ratio():
    for score in equivariance(flicker(), 3).values():
        assert score.psnr_db == pytest.approx(20 * math.log10(2 / 0.25), abs=1e-4)
        assert score.samples == 3


def test_pictures_that_do_not_change_at_all_score_infinity():
    score = equivariance(flicker(lambda ws: torch.tensor(0.0)), 2, metrics=["eqt"])[Metric.EQT]
    assert score == Score(math.inf, None, 2)


def test_the_errors_of_all_pictures_are_pooled():
    score = equivariance(flicker(lambda ws: ws[:, :1, :1, None]), 3, seed=7, metrics=["eqt"])[Metric.EQT]
    squared, values = 0.0, 0
    for seed in (7, 8, 9):
        x, y = draw_move(seed, SIZE, SIZE).whole
        pixels = (SIZE - abs(x)) * (SIZE - abs(y))
        squared += np.random.RandomState(seed).randn() ** 2 * pixels
        values += pixels
    assert score.psnr_db == pytest.approx(10 * math.log10(4 * values / squared), abs=1e-4)


def test_moves_reach_an_eighth_of_the_picture_and_every_angle():
    moves = [draw_move(seed, 64, 128) for seed in range(500)]
    for reach, values in (
        (8, [move.whole[0] for move in moves]),
        (16, [move.whole[1] for move in moves]),
        (8, [move.shift[0] for move in moves]),
        (16, [move.shift[1] for move in moves]),
        (math.pi, [move.angle for move in moves]),
    ):
        assert 0.97 * reach < max(values) <= reach
        assert -reach <= min(values) < -0.97 * reach
        assert abs(np.mean(values)) < 0.1 * reach


# ----------------------------------------------------------------------------
# The interval.


def test_the_interval_is_that_of_student():
    # The pictures have nearly as many valid pixels each, so the mse is nearly a plain mean.
    painter = flicker(lambda ws: ws[:, :1, :1, None].abs() + 1)
    score = equivariance(painter, 6, metrics=["eqr"])[Metric.EQR]
    single = [equivariance(painter, 1, seed=seed, metrics=["eqr"])[Metric.EQR] for seed in range(6)]
    assert all(one.interval_db is None for one in single)
    errors = [4 / 10 ** (one.psnr_db / 10) for one in single]
    relative = np.std(errors, ddof=1) / math.sqrt(6) / np.mean(errors)
    assert score.interval_db is not None
    low, high = score.interval_db
    assert (low + high) / 2 == pytest.approx(score.psnr_db)
    assert (high - low) / 2 == pytest.approx(2.571 * relative * 10 / math.log(10), rel=0.05)


def test_few_batches_have_no_interval():
    assert equivariance(deaf(), 12, batch=4, metrics=["eqt"])[Metric.EQT].interval_db is None


def test_more_samples_say_more():
    few, many = (equivariance(deaf(), samples, metrics=["eqt"])[Metric.EQT] for samples in (4, 40))
    assert few.interval_db is not None
    assert many.interval_db is not None
    assert few.interval_db[0] < many.interval_db[0] < many.interval_db[1] < few.interval_db[1]


# ----------------------------------------------------------------------------
# What the generator is asked.


def test_equal_calls_give_equal_scores():
    assert equivariance(deaf(), 3, seed=5) == equivariance(deaf(), 3, seed=5)
    assert equivariance(deaf(), 3, seed=5) != equivariance(deaf(), 3, seed=6)


def test_a_metric_does_not_depend_on_the_others():
    together = equivariance(deaf(), 2)
    for metric in ALL:
        assert equivariance(deaf(), 2, metrics=[metric, str(metric)]) == {metric: together[metric]}


def test_the_network_gets_the_inverse_of_the_move():
    painter, move = deaf(), draw_move(4, SIZE, SIZE)
    equivariance(painter, 1, seed=4)
    (x, y), (far_x, far_y), c, s = move.whole, move.shift, math.cos(move.angle), math.sin(move.angle)
    assert [run.transform for run in painter.runs] == [
        IDENTITY,
        (1, 0, -x / SIZE, 0, 1, -y / SIZE),
        (1, 0, -far_x / SIZE, 0, 1, -far_y / SIZE),
        pytest.approx((c, -s, 0, s, c, 0)),
    ]


def test_a_batch_shares_its_move_and_the_last_one_may_be_smaller():
    painter = obedient()
    scores = equivariance(painter, 5, batch=2)
    assert [len(run.ws) for run in painter.runs] == [2] * 4 + [2] * 4 + [1] * 4
    assert all(score.samples == 5 for score in scores.values())
    assert min(score.psnr_db for score in scores.values()) > 50


def test_latents_and_classes_come_from_the_seeds():
    painter = deaf()
    painter.info = replace(painter.info, c_dim=5)
    equivariance(painter, 6, seed=2, batch=3, metrics=["eqt"])
    latents, classes = torch.cat([run.ws for run in painter.runs[::2]]), torch.cat(painter.classes)
    for seed, z, c in zip(range(2, 8), latents, classes, strict=True):
        random = np.random.RandomState(seed)
        assert np.allclose(z[0], random.randn(4 * WAVES), atol=1e-6)
        assert c.argmax() == random.randint(5)
    assert len(set(classes.argmax(dim=1).tolist())) > 1


def test_noise_is_fresh_for_each_batch_and_stays_while_its_picture_moves():
    painter = deaf()
    painter.info, painter.noise_shapes = replace(painter.info, has_noise=True), ((4, 4), (8, 8))
    equivariance(painter, 4, batch=2, metrics=["eqt", "eqr"])
    first, second = painter.runs[:3], painter.runs[3:]
    assert all(run.noise_mode is NoiseMode.RANDOM for run in painter.runs)
    assert first[0].noise_maps[1].shape == (2, 1, 8, 8)
    for batch in (first, second):
        assert all(torch.equal(run.noise_maps[0], batch[0].noise_maps[0]) for run in batch)
    assert not torch.equal(first[0].noise_maps[0], second[0].noise_maps[0])


def test_progress_is_told_and_can_stop_it_at_any_layer():
    calls: list[tuple[int, int]] = []

    def watch(stage: str, done: int, total: int, unit: str = "") -> None:
        calls.append((done, total))

    def stop(stage: str, done: int, total: int, unit: str = "") -> None:
        if done == 1:
            raise Cancelled

    equivariance(deaf(), 3, metrics=["eqt"], progress=watch)
    assert calls == [(0, 3), (0, 3), (1, 3), (1, 3), (2, 3), (2, 3), (3, 3)]
    painter = deaf()
    with pytest.raises(Cancelled):
        equivariance(painter, 3, progress=stop)
    assert len(painter.runs) == 5


# ----------------------------------------------------------------------------
# Networks.


@pytest.mark.parametrize("resolution", [32, 64])
def test_a_small_config_r_follows_translation_and_rotation(resolution):
    scores = equivariance(stylegan3(resolution, kernel=1, radial=True).generator, 3)
    assert all(score.psnr_db > 45 for score in scores.values())


@pytest.mark.parametrize("resolution", [32, 64])
def test_a_small_config_t_follows_translation_only(resolution):
    scores = equivariance(stylegan3(resolution).generator, 3)
    assert scores[Metric.EQT].psnr_db > 45
    assert scores[Metric.EQT_FRAC].psnr_db > 45
    assert scores[Metric.EQR].psnr_db < scores[Metric.EQT_FRAC].psnr_db - 15


def test_pictures_half_as_wide_as_high_follow_too():
    scores = equivariance(stylegan3(64, kernel=1, radial=True, half_width=True).generator, 3)
    assert all(score.psnr_db > 45 for score in scores.values())


# ----------------------------------------------------------------------------
# What cannot be measured.


def test_a_network_without_transform_is_refused():
    with pytest.raises(UsageError, match=r"StyleGAN2 network has no transform.*such as StyleGAN3"):
        equivariance(stylegan2().generator, 1)


@pytest.mark.parametrize(("samples", "batch"), [(0, 1), (-3, 1), (4, 0)])
def test_there_is_at_least_one_sample(samples, batch):
    with pytest.raises(UsageError, match="at least 1"):
        equivariance(deaf(), samples, batch=batch)


def test_an_unknown_metric_is_named():
    with pytest.raises(UsageError, match="'fid' is not a metric of equivariance; use eqt, eqt_frac, eqr"):
        equivariance(deaf(), 1, metrics=["eqt", "fid"])
    with pytest.raises(UsageError, match="No metric was chosen"):
        equivariance(deaf(), 1, metrics=[])


def test_pictures_too_small_for_a_metric_are_refused():
    painter = Painter(lambda inputs: sine_waves(inputs.ws, inputs.transform, size=8))
    painter.info = replace(painter.info, width=8, height=8)
    assert equivariance(painter, 1, metrics=["eqt"])[Metric.EQT].psnr_db > 100
    with pytest.raises(UsageError, match="too small for eqr"):
        equivariance(painter, 1, metrics=["eqr"])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_pictures_that_are_no_numbers_are_an_error(bad):
    with pytest.raises(BadOutput, match="NaN or infinity near seed 3"):
        equivariance(flicker(lambda ws: torch.tensor(bad)), 1, seed=3)


def test_too_little_memory_has_advice():
    def paint(inputs: SynthesisInputs) -> Tensor:
        raise torch.OutOfMemoryError("out of memory")

    for batch, advice in ((4, "smaller batches"), (1, "another device")):
        with pytest.raises(OutOfMemory, match=advice):
            equivariance(Painter(paint), 4, batch=batch)
