"""Devices by name, and the stopwatch."""

from __future__ import annotations

import pytest
import torch

from core.base.device import Stopwatch, available_devices, device_label, open_device
from core.base.errors import DeviceError


def test_the_cpu_is_always_there():
    assert available_devices()[-1] == "cpu"
    assert open_device("cpu").type == "cpu"
    assert device_label(torch.device("cpu")).startswith("CPU · ")


def test_auto_is_the_best_device():
    assert open_device("auto") == torch.device(available_devices()[0])


def test_a_gpu_convolves_in_float32_when_it_is_asked_to():
    open_device("cpu")
    assert not torch.backends.cudnn.allow_tf32


UNUSABLE = ("", "abacus", "cuda:-1", "cuda:", "cuda:99", "cuda:300", "cpu:x", "meta", "hpu", "xla", "vulkan", "xpu:0")


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_device_that_cannot_be_used_is_refused_in_one_sentence(name: str):
    with pytest.raises(DeviceError) as caught:
        open_device(name)
    assert "\n" not in str(caught.value)
    assert "use " in str(caught.value)


def test_the_stopwatch_reads_the_time_between_marks():
    watch = Stopwatch(torch.device("cpu"))
    first, second, third = watch.mark(), watch.mark(), watch.mark()
    assert 0 <= watch.ms(first, second) <= watch.ms(first, third)
