"""Networks whose layers are mixed of those of several others (Pinkney and Adler 2020, and smooth versions of it)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.request import Blend, ModelInfo, RenderRequest
from core.request.edits import edit_at, weight_at
from core.synthesis.features import Companion, feature_misfits, mixed_steps
from core.synthesis.generator import Generator, Step

MAPPING = "mapping."  # what the names of the mapping's tensors begin with

Parts = tuple[float, ...]  # of each of the others


class Blended:
    """A generator with the layers of `base`, of which others take a part: p = base + sum of part (other - base).

    Where all parts are 0 it is the base to the bit, where one is 1 and the rest 0 it is that one. The others need not
    fit everywhere: `misfits` says where they do not, and there the base stays as it is. Those of a blend by features
    run beside it instead: `companions` names them. A `Generator`.
    """

    def __init__(self, base: Generator, others: Sequence[Generator]) -> None:
        self.base, self.others = base, tuple(others)
        self._mixed = copy.deepcopy(base)
        self._parts: dict[str, Parts] = {}  # of each step, and of the mapping, that `_mixed` holds
        self._misfits = [misfits(base, other) for other in self.others]
        self._feature_misfits = [feature_misfits(base, other) for other in self.others]
        self._steps = self._mixed.steps
        self.companions: tuple[int, ...] = ()  # which of the others run beside the base

    def blend(self, request: RenderRequest) -> Mapping[str, object]:
        """Mix the layers anew whose parts have changed. Returns what each step and the mapping are made of, by name."""
        blends = request.blends[: len(self.others)]
        parts = {
            step.name: tuple(
                0.0 if edit_at(request.layers, step.row).muted else weight_at(blend, step.row) for blend in blends
            )
            for step in self._mixed.steps
        }
        for step in self._mixed.steps:
            self._mix(step.name, step.tensors, _only(parts[step.name], [not blend.features for blend in blends]))
        self._mix(MAPPING, (MAPPING,), _only([b.mapping for b in blends], [not b.features for b in blends]))
        running = self._run_beside(blends, parts)
        keys: dict[str, object] = {
            step.name: (self._parts.get(step.name), running[step.name]) for step in self._mixed.steps
        }
        return {**keys, MAPPING: self._parts.get(MAPPING)}

    def _run_beside(self, blends: Sequence[Blend], parts: Mapping[str, Parts]) -> dict[str, object]:
        """Set the steps for the blends by features. Returns their parts and the companions that run, by step."""
        steps, companions = self._mixed.steps, {}
        for number, blend in enumerate(blends):
            bad = self._feature_misfits[number]
            own = tuple(0.0 if step.name in bad else parts[step.name][number] for step in steps)
            if blend.features and any(own):
                companions[number] = Companion(self.others[number], own)
        self.companions = tuple(companions)
        self._steps = mixed_steps(steps, list(companions.values())) if companions else steps
        return {
            step.name: tuple((number, c.parts[i], c.needed(i + 1)) for number, c in companions.items() if c.needed(i))
            for i, step in enumerate(steps)
        }

    def _mix(self, name: str, prefixes: tuple[str, ...], parts: Parts) -> None:
        fitting = zip(parts, self._misfits, strict=True)
        parts = tuple(0.0 if name in bad else min(max(part, 0.0), 1.0) for part, bad in fitting)
        total = max(1.0, sum(parts))
        parts = tuple(part / total for part in parts)
        if self._parts.get(name, (0.0,) * len(parts)) == parts:
            return
        mixed, base = self._mixed.tensors(), self.base.tensors()
        others = [other.tensors() for other in self.others]
        with torch.no_grad():
            for key, tensor in mixed.items():
                if key.startswith(prefixes):
                    theirs = [other.get(key, base[key]) for other in others]
                    mix_tensors(tensor, base[key], theirs, parts)
        self._parts[name] = parts

    @property
    def mixed(self) -> Generator:
        """The network with the parameters as they are mixed now; it changes with the next blend."""
        return self._mixed

    # -- A Generator ----------------------------------------------------------

    @property
    def info(self) -> ModelInfo:
        return self.base.info

    @property
    def steps(self) -> Sequence[Step]:
        return self._steps

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        return self._mixed.noise_shapes

    @property
    def stored_noise(self) -> tuple[Tensor, ...]:
        return self._mixed.stored_noise

    @property
    def w_avg(self) -> Tensor:
        return self._mixed.w_avg

    def centre(self, c: Tensor | None) -> Tensor:
        return self._mixed.centre(c)

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        return self._mixed.map(z, c)

    def span(self, layer: str) -> float:
        return self._mixed.span(layer)

    def to(self, device: torch.device) -> Blended:
        for generator in (self.base, *self.others, self._mixed):
            generator.to(device)
        return self

    def tensors(self) -> Mapping[str, Tensor]:
        return self._mixed.tensors()


def _only(parts: Sequence[float], counts: Sequence[bool]) -> Parts:
    return tuple(part if count else 0.0 for part, count in zip(parts, counts, strict=True))


def mix_tensors(out: Tensor, base: Tensor, others: Sequence[Tensor], parts: Sequence[float]) -> None:
    """out = base + sum of part (other - base); exact where a single one counts."""
    counted = [(other, part) for other, part in zip(others, parts, strict=True) if part]
    if not counted or not out.is_floating_point():
        out.copy_(base)
    elif len(counted) == 1 and counted[0][1] == 1:
        out.copy_(counted[0][0])
    elif len(counted) == 1:
        torch.lerp(base, *counted[0], out=out)
    else:
        total = base * (1 - sum(part for _, part in counted))
        for other, part in counted:
            total.add_(other, alpha=part)
        out.copy_(total)


def misfits(base: Generator, other: Generator) -> dict[str, str]:
    """Where another network cannot take a part, by the names of steps and "mapping.", and why."""
    own, theirs = base.tensors(), other.tensors()
    places = {step.name: step.tensors for step in base.steps} | {MAPPING: (MAPPING,)}
    found = {}
    for name, prefixes in places.items():
        reason = _misfit({k: v for k, v in own.items() if k.startswith(prefixes)}, theirs, prefixes)
        if reason:
            found[name] = reason
    return found


def _misfit(own: Mapping[str, Tensor], theirs: Mapping[str, Tensor], prefixes: tuple[str, ...]) -> str:
    for key, tensor in own.items():
        if key not in theirs:
            return f"it has no {key.removeprefix('synthesis.')}"
        if theirs[key].shape != tensor.shape:
            have, need = list(theirs[key].shape), list(tensor.shape)
            return f"its {key.removeprefix('synthesis.')} is {have}, not {need}"
    more = next((key for key in theirs if key.startswith(prefixes) and key not in own), "")
    return f"it has a {more.removeprefix('synthesis.')} besides" if more else ""
