"""Longer work between pictures: what goes first, what is said when memory is short, that no weight moves under it."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import torch

from core.base.errors import Cancelled, NetworkMoved, OutOfMemory
from core.base.progress import Progress, silent
from core.display.frame import Failure, Frame
from core.render.open_networks import OpenNetworks
from core.render.operations import Bench, MakeTable, Operation, Order, TablePicture
from core.render.renderer import Renderer
from core.render.service import RenderService
from core.render.tasks import Loaded, Priority, Task
from core.render.weights import WeightPlacement
from core.request import Origin, RenderRequest, ZVector
from core.request.tables import Cell, Table
from core.synthesis.generator import State, SynthesisInputs, Tap
from tests.small import Opened, Scripted, opened

WAIT_S = 10  # only a broken program waits that long
FINE, LARGE = 1.0, 9.0  # z of pictures that the fake GPU has memory for, and has not

FITS_NOT = "has too little memory for this network at 8 x 8; close other programs, or use another device."


class Gpu(WeightPlacement):
    """A device that the processor stands in for; its memory is too small for large pictures."""

    def __init__(self) -> None:
        super().__init__("gpu", fallback=True)
        self.gone = False

    def use(self, name: str) -> None:
        """It is the only one."""

    def open(self) -> torch.device:
        self.device = torch.device("cpu")
        return self.device

    @property
    def may_fall_back(self) -> bool:
        return not self.gone

    def fall_back(self, reason: str) -> None:
        self.gone = True
        super().fall_back(reason)


@dataclass
class Hungry(Scripted):
    """Large pictures do not fit the memory of the GPU while it is used."""

    gpu: Gpu = field(default_factory=Gpu)

    def _layer(self, name: str, index: int) -> Any:
        run = super()._layer(name, index)

        def checked(state: State, inputs: SynthesisInputs, tap: Tap) -> State:
            if name == "b" and not self.gpu.gone and float(inputs.ws.max()) == LARGE:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
            return run(state, inputs, tap)

        return checked


@dataclass(frozen=True)
class Call:
    """An operation that does what the test says."""

    work: Callable[[Bench], Any]
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> Any:
        return self.work(bench)


@dataclass(frozen=True)
class Ask(Call):
    priority: ClassVar[Priority] = Priority.ASKED


class House:
    """The service over one hungry network, and what arrives from it."""

    def __init__(self) -> None:
        self.gpu = Gpu()
        self.generator = Hungry(gpu=self.gpu)
        self.wakes: queue.Queue[None] = queue.Queue()
        self.ends: queue.Queue[Any] = queue.Queue()
        self.networks = OpenNetworks(lambda location, progress: self._network(location), placement=self.gpu)
        self.service = RenderService(lambda: self.wakes.put(None), self.networks)
        self.loaded: Loaded = self.service.open("hungry", silent)

    def _network(self, location: str) -> Any:
        network = opened(self.generator)
        return Owned(network.generator, network.info, Origin(location))

    def show(self, z: float) -> Frame | Failure:
        self.service.submit(Task(self.loaded.key, "gpu", request(z)))
        return self.arrived()

    def arrived(self) -> Frame | Failure:
        while (outcome := self.service.take_outcome()) is None:
            self.wakes.get(timeout=WAIT_S)
        return outcome

    def order(self, operation: Operation[Any], *, progress: Progress = silent, publish: Any = None) -> Order[Any]:
        order = Order(
            operation, self.loaded.key, "gpu", progress, publish or (lambda live: None), self.ends.put, self.ends.put
        )
        self.service.enqueue(order)
        return order

    def end(self) -> Any:
        """The result of the order that ends next, or its error."""
        return self.ends.get(timeout=WAIT_S)


@dataclass(frozen=True, eq=False)
class Owned(Opened):
    origin: Origin


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    assert house.service.close(WAIT_S)


def request(z: float) -> RenderRequest:
    return RenderRequest("hungry", latent=ZVector((z,) * 4))


def table(*zs: float) -> Table:
    return Table(1, len(zs), tuple(Cell(0, i, request(z), str(i)) for i, z in enumerate(zs)))


# ----------------------------------------------------------------------------
# Too little memory.


def test_a_table_that_runs_out_of_memory_moves_nothing_under_the_live_picture(house: House):
    first = house.show(FINE)
    shown: list[Frame | Failure] = []

    def publish(live: TablePicture) -> None:  # while the table is made, another picture is asked for
        house.service.submit(Task(house.loaded.key, "gpu", request(2.0)))

    house.order(MakeTable(table(FINE, LARGE, FINE)), publish=publish)
    error = house.end()
    shown.append(house.arrived())
    assert isinstance(error, OutOfMemory)
    assert str(error).endswith(FITS_NOT)
    assert house.generator.moves == ["cpu"]  # placed once
    assert not house.gpu.gone
    assert isinstance(first, Frame)
    (second,) = shown
    assert isinstance(second, Frame)
    assert second.request == request(2.0)
    assert not second.notes
    assert torch.equal(second.image, Renderer(opened(Scripted())).render(request(2.0)).image)


def test_a_live_picture_that_moves_the_weights_ends_the_table_with_a_sentence_and_the_next_one_works(house: House):
    house.show(FINE)
    pictures: list[TablePicture] = []

    def publish(live: TablePicture) -> None:
        pictures.append(live)
        house.service.submit(Task(house.loaded.key, "gpu", request(LARGE)))

    house.order(MakeTable(table(FINE, 2.0, 3.0)), publish=publish)
    error = house.end()
    frame = house.arrived()
    assert isinstance(error, NetworkMoved)
    assert str(error) == "The network went to another device meanwhile; start this again."
    assert len(pictures) == 1
    assert isinstance(frame, Frame)
    assert frame.notes == ("Running on the CPU instead of gpu. Its memory is too small for this network.",)
    assert house.gpu.gone

    house.order(MakeTable(table(FINE, LARGE)), publish=pictures.append)
    assert house.end() is None
    assert [picture.cell.request for picture in pictures[1:]] == [request(FINE), request(LARGE)]
    assert house.generator.moves == ["cpu", "cpu"]  # to the GPU, and back


# ----------------------------------------------------------------------------
# What goes first.


def test_between_two_layers_of_an_order_a_new_picture_is_shown(house: House):
    frames: list[object] = []

    def work(bench: Bench) -> str:
        house.service.submit(Task(house.loaded.key, "gpu", request(3.0)))
        bench.progress("halfway", 1, 2)
        frames.append(house.service.take_outcome())
        return "done"

    house.order(Call(work))
    assert house.end() == "done"
    (frame,) = frames
    assert isinstance(frame, Frame)
    assert frame.request == request(3.0)


def test_what_is_done_between_two_layers_makes_tensors_that_can_be_changed_later(house: House):
    made: list[torch.Tensor] = []

    def work(bench: Bench) -> None:
        house.order(Ask(lambda bench: made.append(torch.ones(1))))
        with torch.inference_mode():
            bench.progress("halfway", 1, 2)

    house.order(Call(work))
    house.end()
    house.end()
    assert not made[0].is_inference()


def test_what_was_asked_goes_before_what_runs_in_the_background_and_equals_keep_their_order(house: House):
    began: list[str] = []

    def first(bench: Bench) -> None:
        began.append("first")
        house.order(Call(lambda bench: began.append("second")))
        house.order(Ask(lambda bench: began.append("asked")))
        house.order(Ask(lambda bench: began.append("asked again")))
        bench.progress("on", 0, 0)
        began.append("first goes on")

    house.order(Call(first))
    for _ in range(4):
        house.end()
    assert began == ["first", "asked", "asked again", "first goes on", "second"]


def test_an_order_that_waits_can_be_taken_back_and_one_that_runs_cannot(house: House):
    gate: queue.Queue[None] = queue.Queue()
    started: queue.Queue[None] = queue.Queue()

    def wait(bench: Bench) -> str:
        started.put(None)
        gate.get(timeout=WAIT_S)
        return "first"

    running = house.order(Call(wait))
    started.get(timeout=WAIT_S)
    waiting = house.order(Call(lambda bench: "second"))
    assert house.service.withdraw(waiting)
    assert not house.service.withdraw(running)
    gate.put(None)
    assert house.end() == "first"
    house.order(Call(lambda bench: "third"))
    assert house.end() == "third"


def test_an_order_stops_where_its_progress_says_so(house: House):
    def stop(stage: str, done: int, total: int, unit: str = "") -> None:
        if done:
            raise Cancelled

    house.order(MakeTable(table(FINE, FINE, FINE)), progress=stop)
    assert isinstance(house.end(), Cancelled)


def test_want_of_memory_in_any_operation_is_said_in_words(house: House):
    def fail(bench: Bench) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")

    house.order(Call(fail))
    assert str(house.end()).startswith("The device has too little memory for this; ")


def test_an_order_for_a_network_that_was_closed_says_so(house: House):
    key = house.loaded.key
    house.networks._released.append(key.number)
    house.order(Call(lambda bench: None))
    assert str(house.end()) == "This network is not open any more; open it again."


def test_a_network_is_freed_when_nobody_has_its_key(house: House):
    other = house.service.open("another", silent)
    assert house.networks.find("another") is not None
    del other
    assert house.networks.find("another") is None
    assert house.networks.find("hungry") is not None
