"""What both trainers share: optimisers, averaged weights, a time budget, checkpoints to resume from."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor

from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.opening.network import write_network

REPORT_EVERY_S, SAVE_EVERY_S = 15.0, 120.0
LONGEST_STEP_S = 8.0  # what a step counts at most; the first ones compile
WARM_UP = 40  # steps
MOMENTUM = 0.9
W_AVG_SAMPLES = 20_000

Network: TypeAlias = StyleGan2 | StyleGan3


@dataclass(frozen=True)
class Options:
    minutes: float
    runs: Path
    device: torch.device
    seed: int
    compiled: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    cuda = torch.cuda.is_available()
    parser.add_argument("--minutes", type=float, default=60.0, help="of training, all runs together (default: 60)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of the checkpoints (default: runs)")
    parser.add_argument("--device", default="cuda" if cuda else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compile", action="store_true", help="compile the painter, which needs a C++ compiler")


def parsed(args: argparse.Namespace) -> Options:
    args.runs.mkdir(parents=True, exist_ok=True)
    return Options(args.minutes, args.runs, torch.device(args.device), args.seed, args.compile)


def wrapped(function: Callable[..., Any], options: Options) -> Callable[..., Any]:
    return torch.compile(function) if options.compiled else function


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


# ----------------------------------------------------------------------------
# Optimisers.


class Muon:
    """Momentum whose update is orthogonalised (Jordan 2024): all directions of a weight matrix learn equally fast."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self.weights = list(weights)
        self.momenta = [torch.zeros_like(w) for w in weights]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """rate: the mean size of the change of a weight."""
        for weight, momentum in zip(self.weights, self.momenta, strict=True):
            if weight.grad is not None:
                momentum.lerp_(weight.grad, 1 - MOMENTUM)
                update = orthogonalized(torch.lerp(weight.grad, momentum, MOMENTUM).flatten(1))
                weight.add_(update.view_as(weight), alpha=-rate)


def orthogonalized(matrix: Tensor) -> Tensor:
    """About the nearest matrix whose singular values are all equal, by five steps of a Newton-Schulz iteration; its
    elements have a mean square near 1. [O, I]"""
    x = matrix.to(torch.bfloat16)
    x = x / (x.norm() + 1e-7)
    x = x.t() if x.shape[0] > x.shape[1] else x
    for _ in range(5):
        a = x @ x.t()
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    x = x if x.shape == matrix.shape else x.t()
    scaled: Tensor = x.to(matrix.dtype) * math.sqrt(max(matrix.shape))
    return scaled


# ----------------------------------------------------------------------------
# The loop.


@dataclass
class State:
    """What is kept between runs besides the weights."""

    step: int = 0
    seconds: float = 0.0
    steps_of_phase: dict[str, int] = field(default_factory=dict)
    errors: list[tuple[float, str, float]] = field(default_factory=list)  # minutes, phase, mean absolute error


class Trainer(ABC):
    """Trains `network` until the time is used up. `matrices` are the weights that Muon learns; Adam learns the rest."""

    conv_rate = 0.02
    other_rate = 0.03
    average_over = 150.0  # steps

    def __init__(self, name: str, network: Network, matrices: Sequence[Tensor], options: Options) -> None:
        self.name, self.network, self.options = name, network.to(options.device), options
        for parameter in network.parameters():
            parameter.requires_grad_(True)
        self.file = options.runs / f"{name}.pt"
        self.average = {k: v.detach().clone() for k, v in network.state_dict().items()}
        ids = {id(w) for w in matrices}
        self.muon = Muon(matrices)
        rest = [p for p in network.parameters() if id(p) not in ids]
        self.adam = torch.optim.Adam(rest, betas=(0.9, 0.99), fused=True)
        self.state = State()
        if self.file.exists():
            self._restore()

    @abstractmethod
    def phase(self) -> str:
        """What is being trained now; a new phase warms up."""

    @abstractmethod
    def cooling(self) -> float:
        """The learning rates relative to the highest, 0 to 1."""

    @abstractmethod
    def learn(self, random: torch.Generator) -> float:
        """Compute the gradients of one batch; gives the mean absolute error."""

    @property
    def spent(self) -> float:
        """Part of the time that is used up."""
        return self.state.seconds / (60 * self.options.minutes)

    def run(self) -> None:
        random = torch.Generator(self.options.device).manual_seed(self.options.seed + self.state.step + 1)
        saved = reported = time.monotonic()
        errors: list[float] = []
        while self.spent < 1:
            began = time.monotonic()
            errors.append(self.step(random))
            now = time.monotonic()
            self.state.seconds += min(now - began, LONGEST_STEP_S)
            if now - reported > REPORT_EVERY_S:
                minutes, error = self.state.seconds / 60, sum(errors) / len(errors)
                self.state.errors.append((round(minutes, 2), self.phase(), round(error, 4)))
                say(f"{minutes:7.2f} min  step {self.state.step:6d}  {self.phase():8s}  error {error:.4f}")
                reported, errors = now, []
            if now - saved > SAVE_EVERY_S:
                self.save()
                saved = now
        self.save()
        self.export(self.options.runs / f"{self.name}.safetensors")
        say(json.dumps(self.facts(), indent=1))

    def step(self, random: torch.Generator) -> float:
        """Learn from one batch."""
        phase = self.phase()
        done = self.state.steps_of_phase.get(phase, 0)
        rate = min(1.0, (done + 1) / WARM_UP) * max(self.cooling(), 0.01)
        self.adam.zero_grad(set_to_none=True)
        for weight in self.muon.weights:
            weight.grad = None
        error = self.learn(random)
        for group in self.adam.param_groups:
            group["lr"] = self.other_rate * rate
        self.adam.step()
        self.muon.step(self.conv_rate * rate)
        self.state.step += 1
        self.state.steps_of_phase[phase] = done + 1
        follow = max(1 / self.average_over, 1 / (self.state.step + 1))
        with torch.no_grad():
            for name, tensor in self.network.state_dict().items():
                self.average[name].lerp_(tensor, follow)
        return error

    def export(self, out: Path) -> None:
        """Write the averaged weights as a network that the program opens. Ends the training."""
        self.network.load_state_dict(self.average)
        self.network.to(torch.device("cpu"))
        self.network.mapping.estimate_w_avg(W_AVG_SAMPLES)
        write_network(self.network, out, half=True)

    def facts(self) -> dict[str, object]:
        """How the network was trained, for its README."""
        return {
            "steps": self.state.steps_of_phase,
            "hours": round(self.state.seconds / 3600, 2),
            "device": str(self.options.device),
            "seed": self.options.seed,
            "error": self.state.errors[-1:],
        }

    # ---- checkpoints

    def save(self) -> None:
        part = self.file.with_suffix(".part")
        kept = {
            "network": self.network.state_dict(),
            "average": self.average,
            "momenta": self.muon.momenta,
            "adam": self.adam.state_dict(),
            "state": asdict(self.state),
        }
        torch.save(kept, part)
        part.replace(self.file)

    def _restore(self) -> None:
        # What `save` wrote; restricted to tensors and plain values, so even another file cannot run anything.
        kept = torch.load(self.file, map_location=self.options.device, weights_only=True)
        self.network.load_state_dict(kept["network"])
        self.average = kept["average"]
        self.adam.load_state_dict(kept["adam"])
        for momentum, old in zip(self.muon.momenta, kept["momenta"], strict=True):
            momentum.copy_(old)
        self.state = State(**kept["state"])
