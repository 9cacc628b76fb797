"""How long it takes to blend a layer of two networks at 1024² anew, beside the synthesis that follows."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median
from typing import Any

from core.networks.parts.config import StyleGan2Config
from core.networks.parts.layers import random_weights
from core.networks.stylegan2 import StyleGan2
from core.request import Blend, RenderRequest
from core.request.edits import with_weights
from core.synthesis.blending import Blended

ROUNDS = 7


def stylegan2_1024(seed: int) -> StyleGan2:
    network = StyleGan2(StyleGan2Config.official(1024))
    random_weights(network, seed)
    return network


def test_one_weight_of_a_network_of_1024(benchmark: Any):
    blended = Blended(stylegan2_1024(0), [stylegan2_1024(1)])
    num_ws = blended.info.num_ws
    request = RenderRequest(blends=(Blend("b", (0.3,) * num_ws, 0.3),))
    blended.blend(request)
    found: dict[str, float] = {}
    for entry in range(num_ws):
        times = []
        for turn in range(ROUNDS):
            blend = with_weights(request.blends[0], {entry: 0.4 + 0.05 * turn})
            began = time.perf_counter()
            blended.blend(replace(request, blends=(blend,)))
            times.append(1000 * (time.perf_counter() - began))
        found[blended.info.ws_names[entry]] = round(median(times[1:]), 2)
        blended.blend(request)
    benchmark.extra_info |= {"ms by layer": found, "most": max(found.values())}
    everywhere = iter(range(10**6))

    def all_layers() -> None:
        weight = 0.1 + 0.01 * (next(everywhere) % 80)
        blended.blend(replace(request, blends=(Blend("b", (weight,) * num_ws, weight),)))

    benchmark(all_layers)
