"""Several centres of W instead of one: k-means over the w of random latents (Mokady et al. 2022)."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from core.generator import Generator
from core.latents import map_seeds
from core.progress import Progress, silent
from core.request import ModelInfo

SAMPLES = 4000
ROUNDS = 20
BATCH = 500

_known: WeakKeyDictionary[Generator, dict[int, Tensor]] = WeakKeyDictionary()
_lock = threading.Lock()


def centroids(
    generator: Generator, info: ModelInfo, count: int, device: torch.device, *, progress: Progress = silent
) -> Tensor:
    """The `count` centres of w over random latents, float32 [count, w_dim]; equal on every call with one network.

    Found once and then remembered. `progress` may raise to stop.
    """
    with _lock:
        known = _known.setdefault(generator, {})
        if count not in known:
            known[count] = _find(generator, info, count, device, progress).cpu()
        return known[count].to(device)


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
