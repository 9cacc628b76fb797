"""The generators against recorded outputs of the official networks, read from official snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from core.families import recognise
from core.loading import read_checkpoint
from core.request import Matrix, NoiseMode
from core.synthesis.generator import Generator, SynthesisInputs, synthesize

GOLDEN = Path(__file__).parent.parent.parent / "golden"
NAMES = ("sg2ada-64-cond", "sg2-32-resnet", "sg2-32-gray", "sg3r-64", "sg3t-64-cond")

TOLERANCE = 2e-5  # of max(1, max |recorded|); a wrong term shows as 1e-2 or more
STATISTICS_TOLERANCE = 1e-4  # of max(1, standard deviation)

Array: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    generator: Generator
    notes: tuple[str, ...]
    recorded: dict[str, Array]

    def ws(self, key: str = "ws") -> Tensor:
        return torch.from_numpy(self.recorded[key])


@cache
def load(name: str) -> Case:
    checkpoint = read_checkpoint(GOLDEN / f"{name}.pkl")
    generator, notes = recognise(checkpoint.content).build()
    with np.load(GOLDEN / f"{name}.expected.npz", allow_pickle=False) as archive:
        return Case(generator, notes, {key: archive[key] for key in archive.files})


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest) -> Case:
    return load(request.param)


def assert_close(actual: Tensor, expected: Array, tolerance: float = TOLERANCE) -> None:
    assert actual.shape == expected.shape
    assert float(np.abs(actual.numpy() - expected).max()) <= tolerance * max(1.0, float(np.abs(expected).max()))


def first_rows(matrix: Array) -> Matrix:
    a, b, c, d, e, f = matrix[:2].reshape(-1).tolist()
    return a, b, c, d, e, f


def test_nothing_in_the_file_is_left_over(case: Case) -> None:
    assert case.notes == ()


def test_the_mapping_gives_the_recorded_ws(case: Case) -> None:
    c = torch.from_numpy(case.recorded["c"]) if case.generator.info.c_dim else None
    assert_close(case.generator.map(torch.from_numpy(case.recorded["z"]), c), case.recorded["ws"], 1e-5)


def test_truncation_towards_the_average_w_gives_the_recorded_ws(case: Case) -> None:
    ws, w_avg = case.ws(), case.generator.w_avg
    assert_close(w_avg.lerp(ws, 0.7), case.recorded["ws_psi0.7"], 1e-5)
    cut = torch.cat([w_avg.lerp(ws[:, :3], 0.5), ws[:, 3:]], dim=1)
    assert_close(cut, case.recorded["ws_psi0.5_cutoff3"], 1e-5)


def test_the_pictures_are_the_recorded_ones(case: Case) -> None:
    keys = [key for key in case.recorded if key.startswith("img_")]
    assert len(keys) in (3, 4)
    for key in keys:
        match key.split("_")[1:]:
            case ["const"]:
                inputs = SynthesisInputs(case.ws())
            case ["none"]:
                inputs = SynthesisInputs(case.ws(), NoiseMode.NONE)
            case ["const", "psi0.7"]:
                inputs = SynthesisInputs(case.ws("ws_psi0.7")[:1])
            case [transform]:
                matrix = first_rows(case.recorded[f"transform_{transform}"])
                inputs = SynthesisInputs(case.ws(), transform=matrix)
        assert_close(synthesize(case.generator, inputs), case.recorded[key])


def test_every_layer_gives_the_recorded_feature_maps(case: Case) -> None:
    maps: list[tuple[str, Tensor]] = []

    def keep(name: str, x: Tensor) -> Tensor:
        maps.append((f"synthesis.{name}", x))
        return x

    image = synthesize(case.generator, SynthesisInputs(case.ws()[:1]), on_layer=keep)
    assert maps.pop()[1] is image  # the output
    assert [name for name, _ in maps] == case.recorded["feat_names"].tolist()
    for i, (name, x) in enumerate(maps):
        assert tuple(x.shape) == tuple(case.recorded["feat_shapes"][i])
        h, w = x.shape[2] // 2, x.shape[3] // 2
        size = max(1.0, float(x.abs().max()))
        corner = x[0, 0, :4, :4] - torch.from_numpy(case.recorded["feat_corner"][i])
        centre = x[0, -1, h - 2 : h + 2, w - 2 : w + 2] - torch.from_numpy(case.recorded["feat_center_last"][i])
        assert float(corner.abs().max()) <= TOLERANCE * size, name
        assert float(centre.abs().max()) <= TOLERANCE * size, name
        std = float(case.recorded["feat_std"][i])
        assert abs(float(x.mean()) - case.recorded["feat_mean"][i]) <= STATISTICS_TOLERANCE * max(1.0, std), name
        assert abs(float(x.std(correction=0)) - std) <= STATISTICS_TOLERANCE * max(1.0, std), name
        if f"fmap/{name}" in case.recorded:
            assert_close(x, case.recorded[f"fmap/{name}"])
