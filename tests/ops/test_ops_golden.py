"""Every operation against recorded values, computed in float64 by the official definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ops.bias_act import bias_act
from ops.filtered_lrelu import filtered_lrelu
from ops.fir import design_lowpass, setup_filter
from ops.modulated_conv import conv2d_resample, modulated_conv2d, normalized_modulated_conv2d
from ops.upfirdn2d import downsample2d, filter2d, upfirdn2d, upsample2d

GOLDEN = Path(__file__).parent.parent / "golden" / "ops.npz"
TOLERANCE = 2e-6  # of max(1, max |out|)
FILTERED_LRELU_TOLERANCE = 5e-6

with np.load(GOLDEN, allow_pickle=False) as archive:
    RECORDED = {name: archive[name] for name in archive.files}


def run(op: str, inputs: dict[str, Any], params: dict[str, Any]) -> Tensor:
    match op:
        case "setup_filter":
            return setup_filter(params.pop("f"), flip=params.pop("flip_filter", False), **params)
        case "sg3_design_lowpass":
            taps = design_lowpass(**params)
            assert taps is not None
            return taps
        case "upfirdn2d" | "upsample2d" | "downsample2d" | "filter2d":
            functions = (upfirdn2d, upsample2d, downsample2d, filter2d)
            function = next(f for f in functions if f.__name__ == op)
            return function(inputs["x"], inputs.get("f"), **params)
        case "bias_act":
            return bias_act(inputs["x"], inputs.get("b"), **params)
        case "filtered_lrelu":
            return filtered_lrelu(inputs.pop("x"), **inputs, **params)
        case "conv2d_resample":
            return conv2d_resample(inputs["x"], inputs["w"], f=inputs.get("f"), **params)
        case "modulated_conv2d_sg2":
            del params["fused_modconv"]  # two ways to compute one thing
            x, weight, styles = (inputs.pop(name) for name in ("x", "weight", "styles"))
            return modulated_conv2d(x, weight, styles, **inputs, **params)
        case "modulated_conv2d_sg3":
            x, weight, styles = (inputs.pop(name) for name in ("x", "w", "s"))
            return normalized_modulated_conv2d(x, weight, styles, **inputs, **params)
    raise AssertionError(f"no operation {op}")


@pytest.mark.parametrize("case", [str(name) for name in RECORDED["index"]])
def test_an_operation_gives_the_recorded_values(backend: str, case: str) -> None:
    op = str(RECORDED[f"{case}/op"])
    params = json.loads(str(RECORDED[f"{case}/params"]))
    own = [name for name in RECORDED if name.startswith(f"{case}/")]
    inputs = {
        name.rsplit("/", 1)[1]: torch.from_numpy(RECORDED[name].copy())
        for name in own
        if RECORDED[name].dtype == np.float32
    }
    expected = inputs.pop("out")
    before = {name: tensor.clone() for name, tensor in inputs.items()}

    out = run(op, dict(inputs), params)

    assert out.shape == expected.shape
    assert out.dtype == torch.float32
    tolerance = FILTERED_LRELU_TOLERANCE if op == "filtered_lrelu" else TOLERANCE
    assert (out - expected).abs().max() <= tolerance * max(1.0, float(expected.abs().max()))
    assert all(torch.equal(inputs[name], before[name]) for name in inputs), "an input was changed"
