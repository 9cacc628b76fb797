"""What the window and the owner of the networks say to each other can be pickled: another process could own them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import OutOfMemory
from core.base.progress import silent
from core.display.analysis import Analysis, SpectrumOptions
from core.display.frame import Failure, Frame, Metric
from core.documents.pictures import Fit
from core.render.execution import Execution
from core.render.open_networks import OpenNetworks
from core.render.operations import (
    AverageSpectra,
    CompareLayers,
    EncodePicture,
    FindCentres,
    FindInfluence,
    MakeTable,
    MeasureEquivariance,
    Operation,
    SweepEquivariance,
    WriteBlend,
)
from core.render.renderer import Renderer
from core.render.tasks import Loaded, Task
from core.request import Box, Compare, Origin, RenderRequest, SeedPoint, View
from core.request.tables import neighbours
from tests.core import vqgans
from tests.core.render.test_orders import Owned
from tests.small import stylegan2, stylegan3

REQUEST = RenderRequest("small", latent=SeedPoint(3))
OPERATIONS: tuple[Operation[Any], ...] = (
    MakeTable(neighbours(REQUEST, 1, 2)),
    SweepEquivariance(REQUEST),
    MeasureEquivariance(2),
    AverageSpectra(2),
    FindInfluence(REQUEST, "b8.conv0", Box(0, 0, 4, 4)),
    FindCentres(2),
    EncodePicture(Path("picture.png"), Fit.SQUARE),
    CompareLayers("other", features=True),
    WriteBlend(REQUEST, Path("blend.safetensors")),
)


def there_and_back(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def networks_of(generator: Any) -> tuple[OpenNetworks, Loaded]:
    networks = OpenNetworks(lambda location, progress: Owned(generator, generator.info, Origin(location)))
    return networks, networks.open("small", silent)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: type(operation).__name__)
def test_an_operation_crosses_and_is_the_same(operation: Operation[Any]):
    again = there_and_back(operation)
    assert again == operation
    assert again.priority == operation.priority


def test_a_task_crosses_and_is_the_same():
    _, loaded = networks_of(stylegan2().generator)
    task = Task(loaded.key, "auto", REQUEST, Analysis(mosaic=8), Execution(draft=True))
    assert there_and_back(task) == task


@pytest.mark.parametrize("generator", [stylegan2().generator, vqgans.small()], ids=["StyleGAN2", "VQGAN"])
def test_what_is_told_of_a_network_crosses(generator: Any):
    _, loaded = networks_of(generator)
    again = there_and_back(loaded)
    assert (again.location, again.info, again.info.steps) == (loaded.location, loaded.info, loaded.info.steps)
    assert again.info.steps
    assert (again.codebook is None) == (loaded.info.codes is None)
    if loaded.codebook is not None:
        np.testing.assert_array_equal(again.codebook.vectors, loaded.codebook.vectors)


def test_a_frame_crosses_with_all_that_can_be_found_out():
    network = stylegan3()
    step = next(step.name for step in network.generator.steps if step.affine is not None)
    everything = Analysis(True, True, 8, SpectrumOptions(), True, styles=step)
    frame = Renderer(network).render(RenderRequest(view=View(compare=Compare.WIPE)), analysis=everything)
    again: Frame = there_and_back(frame)
    np.testing.assert_array_equal(again.pixels, frame.pixels)
    assert torch.equal(again.image, frame.image)
    assert again.analysis is not None
    assert again.analysis.spectrum is not None
    assert frame.analysis is not None
    assert frame.analysis.spectrum is not None
    np.testing.assert_array_equal(again.analysis.spectrum.curves.radial.db, frame.analysis.spectrum.curves.radial.db)
    assert again.styles is not None


def test_a_failure_crosses_with_its_sentence():
    again = there_and_back(Failure(REQUEST, OutOfMemory("too little memory"), "details"))
    assert isinstance(again.error, OutOfMemory)
    assert (again.request, str(again.error)) == (REQUEST, "too little memory")


@pytest.mark.parametrize(
    "operation",
    [
        MakeTable(neighbours(REQUEST, 1, 2)),
        SweepEquivariance(RenderRequest("small")),
        MeasureEquivariance(1, metrics=(Metric.EQT,)),
        AverageSpectra(2),
        FindCentres(2),
        CompareLayers("small", features=False),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_an_operation_gives_crosses(operation: Operation[Any]):
    networks, loaded = networks_of(stylegan3(16).generator)
    live: list[Any] = []
    result = networks.run(operation, loaded, device="cpu", publish=live.append)
    assert type(there_and_back(result)) is type(result)
    for part in live[:3]:
        assert type(there_and_back(part)) is type(part)
