"""Several centres of W instead of one: of classes, and k-means over the w of random latents (Mokady et al. 2022)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from core.base.progress import Progress, silent
from core.request import ModelInfo
from core.synthesis.generator import Generator
from core.synthesis.latents import map_seeds

SAMPLES = 4000
ROUNDS = 20
BATCH = 500
REMEMBERED = 100  # of each network: every step from one class to another has a mean of its own

# By what was asked for, and w_avg: it changes with the mapping network, where several are mixed.
_known: WeakKeyDictionary[Generator, dict[tuple[object, bytes], Tensor]] = WeakKeyDictionary()
_lock = threading.Lock()


def centroids(
    generator: Generator, info: ModelInfo, count: int, device: torch.device, *, progress: Progress = silent
) -> Tensor:
    """The `count` centres of w over random latents, float32 [count, w_dim]; equal on every call with one network.

    Found once and then remembered. `progress` may raise to stop.
    """
    return _remembered(generator, count, lambda: _find(generator, info, count, device, progress)).to(device)


def class_mean(generator: Generator, info: ModelInfo, label: int | tuple[float, ...], device: torch.device) -> Tensor:
    """The mean w of a class over random latents, float32 [w_dim]; found once and then remembered.

    Raises UsageError if the network has no such class.
    """
    return _remembered(generator, label, lambda: _of_class(generator, info, label, device)).to(device)


def _remembered(generator: Generator, what: object, find: Callable[[], Tensor]) -> Tensor:
    with _lock:
        known = _known.setdefault(generator, {})
        key = (what, generator.w_avg.cpu().numpy().tobytes())
        if key not in known:
            known[key] = find().cpu()
        while len(known) > REMEMBERED:
            del known[next(iter(known))]
        return known[key]


@torch.no_grad()
def _of_class(generator: Generator, info: ModelInfo, label: int | tuple[float, ...], device: torch.device) -> Tensor:
    total = torch.zeros(info.w_dim, device=device)
    for start in range(0, SAMPLES, BATCH):
        total += map_seeds(generator, info, tuple(range(start, start + BATCH)), label, device)[:, 0].sum(dim=0)
    return total / SAMPLES


def nearest(centres: Tensor, w: Tensor) -> Tensor:
    """The centre nearest to a w. centres: [K, w_dim], w: [w_dim] -> [w_dim]"""
    found: Tensor = centres[(centres - w).square().sum(dim=1).argmin()]
    return found


@torch.no_grad()
def _find(generator: Generator, info: ModelInfo, count: int, device: torch.device, progress: Progress) -> Tensor:
    batches = []
    for start in range(0, SAMPLES, BATCH):
        progress("mapping latents", start, SAMPLES, "latents")
        batches.append(map_seeds(generator, info, tuple(range(start, start + BATCH)), None, device)[:, 0])
    w = torch.cat(batches)
    centres = _spread_out(w, count)
    for turn in range(ROUNDS):
        progress("finding centres", turn, ROUNDS, "rounds")
        chosen = torch.cdist(w, centres).argmin(dim=1)
        sums = torch.zeros_like(centres).index_add_(0, chosen, w)
        sizes = torch.bincount(chosen, minlength=count)[:, None]
        moved = torch.where(sizes > 0, sums / sizes.clamp(min=1), centres)
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres


def _spread_out(w: Tensor, count: int) -> Tensor:
    """First centres: each a sample drawn by its squared distance to those before (k-means++, Arthur and
    Vassilvitskii 2007)."""
    random = np.random.RandomState(0)
    centres = w[:1]
    for _ in range(count - 1):
        distance = torch.cdist(w, centres).amin(dim=1).square().double().cpu().numpy()
        total = distance.sum()
        index = random.choice(len(w), p=distance / total) if total > 0 else 0
        centres = torch.cat([centres, w[index : index + 1]])
    return centres
