"""How well a network's pictures follow what its input goes through: EQ-T and EQ-R (Karras et al. 2021, appendix E)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from core.base.device import is_out_of_memory
from core.base.errors import BadOutput, OutOfMemory, UsageError
from core.base.progress import Progress, silent
from core.display.frame import Metric
from core.display.resampling import Resampled, pseudo_rotate, rotate, rotation, translate, translate_whole
from core.request import Matrix, NoiseMode
from core.request.placement import Move
from core.synthesis.generator import Generator, SynthesisInputs, Tap, synthesize
from core.synthesis.latents import map_seeds
from core.synthesis.noise import draw_noise

MAX_SHIFT = 0.125  # picture widths to each side
PEAK_TO_PEAK = 2.0  # of pictures from -1 to 1
CONFIDENCE = 0.95  # of the interval
MIN_BATCHES = 4  # for an interval


@dataclass(frozen=True)
class Score:
    """The peak signal-to-noise ratio over the valid pixels of all pictures together; the higher, the better."""

    psnr_db: float  # infinite for pictures that follow exactly
    interval_db: tuple[float, float] | None  # of 95 %; None from fewer than 4 batches, or around infinity
    samples: int  # pictures


class Errors(NamedTuple):
    """Of one batch."""

    squared: float  # their sum
    values: float  # how many were compared


# Makes a batch again with this matrix in the transform of the network.
Remake: TypeAlias = Callable[[Matrix], Tensor]


def equivariance(
    generator: Generator,
    samples: int,
    *,
    seed: int = 0,
    batch: int = 1,
    metrics: Sequence[Metric | str] = tuple(Metric),
    progress: Progress = silent,
) -> dict[Metric, Score]:
    """How well pictures of the seeds from `seed` on (psi 1; classes from the seeds) follow what their input does.

    One move is drawn for each batch from its first seed, so equal calls give equal scores, and networks of one size go
    through the same. The paper takes 50 000 samples in batches of 4; with batches of one, fewer tell as much.
    Runs on the generator's device, and calls `progress` at each layer.

    Raises UsageError if the network has no transform or an argument makes no sense, BadOutput, OutOfMemory, and what
    `progress` raises.
    """
    chosen = _check(generator, samples, batch, metrics)
    errors: dict[Metric, list[Errors]] = {metric: [] for metric in chosen}
    try:
        for done in range(0, samples, batch):
            seeds = tuple(range(seed + done, seed + min(done + batch, samples)))
            for metric, found in _measure(generator, seeds, chosen, _stop_by(progress, done, samples)):
                errors[metric].append(found)
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        advice = "measure in smaller batches" if batch > 1 else "use another device"
        raise OutOfMemory(f"The device has too little memory for this measurement; {advice}.") from error
    _report(progress, samples, samples)
    return {metric: _score(metric, found, samples) for metric, found in errors.items()}


def _check(generator: Generator, samples: int, batch: int, metrics: Sequence[Metric | str]) -> tuple[Metric, ...]:
    info = generator.info
    if not info.has_transform:
        raise UsageError(
            f"This {info.family} network has no transform, so it cannot be asked to move its picture; "
            "equivariance is measured on networks that have one, such as StyleGAN3."
        )
    if samples < 1 or batch < 1:
        raise UsageError(f"{samples} samples in batches of {batch} cannot be measured; both are at least 1.")
    known = tuple(metric.value for metric in Metric)
    if unknown := [metric for metric in metrics if metric not in known]:
        raise UsageError(f"'{unknown[0]}' is not a metric of equivariance; use {', '.join(known)}.")
    if not metrics:
        raise UsageError(f"No metric was chosen; use {', '.join(known)}.")
    return tuple(dict.fromkeys(map(Metric, metrics)))


def _report(progress: Progress, done: int, total: int) -> None:
    progress("measuring equivariance", done, total, "pictures")


def _stop_by(progress: Progress, done: int, total: int) -> Tap:
    def tap(name: str, x: Tensor) -> Tensor:
        _report(progress, done, total)
        return x

    return tap


@torch.inference_mode()
def _measure(
    generator: Generator, seeds: tuple[int, ...], metrics: tuple[Metric, ...], tap: Tap
) -> list[tuple[Metric, Errors]]:
    """The errors of one batch."""
    info, device = generator.info, generator.w_avg.device
    inputs = SynthesisInputs(map_seeds(generator, info, seeds, None, device))
    if info.has_noise:
        # Fresh noise for each batch, that stays in place while the picture moves.
        maps = draw_noise(generator, len(seeds), seeds[0], device)
        inputs = replace(inputs, noise_mode=NoiseMode.RANDOM, noise_maps=maps, noise_key=seeds[0])

    def remake(matrix: Matrix) -> Tensor:
        return synthesize(generator, replace(inputs, transform=matrix), on_layer=tap)

    picture = synthesize(generator, inputs, on_layer=tap)
    move = draw_move(seeds[0], info.width, info.height)
    found = [(metric, _errors(metric, picture, move, remake)) for metric in metrics]
    if not all(math.isfinite(errors.squared) for _, errors in found):
        raise BadOutput(f"The network gave NaN or infinity near seed {seeds[0]}; its weights may be damaged.")
    return found


def draw_move(seed: int, width: int, height: int) -> Move:
    """Shifts up to an eighth of the picture along each axis, and any angle, all uniform."""
    random = np.random.default_rng(seed & 0xFFFFFFFF)
    (x, y), (far_x, far_y) = random.uniform(-MAX_SHIFT, MAX_SHIFT, size=(2, 2)) * (width, height)
    return Move((round(x), round(y)), (float(far_x), float(far_y)), float(random.uniform(-math.pi, math.pi)))


def psnr_of(metric: Metric, picture: Tensor, move: Move, remake: Remake) -> float:
    """In dB: how well a picture follows one move; NaN if nothing of it stays in sight.

    picture: [N, C, H, W], as made without a transform. remake: makes it with one.
    """
    squared, values = _errors(metric, picture, move, remake)
    return _psnr(squared / values) if values else math.nan


def _psnr(mse: float) -> float:
    return 10 * math.log10(PEAK_TO_PEAK**2 / mse) if mse else math.inf


def _errors(metric: Metric, picture: Tensor, move: Move, remake: Remake) -> Errors:
    """picture: [N, C, H, W], as made without a transform. The transform of the network is the inverse of the move."""
    height = picture.shape[2]
    match metric:
        case Metric.EQT:
            x, y = move.whole
            return _compare(translate_whole(picture, x, y), remake((1, 0, -x / height, 0, 1, -y / height)))
        case Metric.EQT_FRAC:
            far_x, far_y = move.shift
            return _compare(translate(picture, far_x, far_y), remake((1, 0, -far_x / height, 0, 1, -far_y / height)))
        case Metric.EQR:
            wanted, mask = rotate(picture, move.angle)
            made, inner = pseudo_rotate(remake(rotation(-move.angle)), move.angle)
            return _compare(Resampled(wanted, mask * inner), made)


def _compare(wanted: Resampled, made: Tensor) -> Errors:
    rows = ((wanted.picture - made).square() * wanted.mask).sum(dim=3)
    n, c = made.shape[:2]
    return Errors(float(rows.cpu().double().sum()), float(wanted.mask.cpu().double().sum()) * n * c)


def _score(metric: Metric, errors: list[Errors], samples: int) -> Score:
    """PSNR = 10 log10(2² / mse), with the mse of all pictures together (equation 3)."""
    squared, values = np.array(errors).T  # [batches]
    if not values.sum():
        raise UsageError(f"These pictures are too small for {metric}: nothing of them stays in sight when they move.")
    mse = float(squared.sum() / values.sum())
    psnr, batches = _psnr(mse), len(errors)
    if not mse or batches < MIN_BATCHES:
        return Score(psnr, None, samples)
    # The mse is a ratio of two sums over batches, of which the logarithm is close to normal (the delta method).
    spread = float(np.square(squared - mse * values).sum()) * batches / (batches - 1)
    deviation = math.sqrt(spread) / float(squared.sum())
    half = 10 / math.log(10) * _student_quantile((1 + CONFIDENCE) / 2, batches - 1) * deviation
    return Score(psnr, (psnr - half, psnr + half), samples)


def _student_quantile(p: float, freedom: int) -> float:
    """Of Student's distribution, expanded in 1 / freedom; freedom is 3 or more (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf(p)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / freedom**i for i, term in enumerate(terms))
