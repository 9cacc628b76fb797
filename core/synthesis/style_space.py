"""Style space: the channels of what the affine of a layer makes of w (Wu et al. 2021), and changes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.display.analysis import Styles
from core.request import Box, RenderRequest, StyleEdit
from core.request.edits import edit_at
from core.synthesis.generator import Generator, Step, Styling, SynthesisInputs, Tap, no_tap, synthesize
from core.synthesis.latents import map_seeds

SAMPLES = 1000  # latents over which mean and deviation are found


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean and standard deviation of the styles of a layer over random latents, [C] each."""

    mean: Tensor
    std: Tensor


class StyleSpace:
    """The styles of one network. Its figures are of the weights as they were when a layer was first asked for."""

    def __init__(self, generator: Generator, device: torch.device) -> None:
        self._generator, self._device = generator, device
        self._ws: Tensor | None = None
        self._spreads: dict[str, tuple[object, Spread]] = {}

    def spread(self, step: Step, cache_key: object = None) -> Spread:
        """made_of: what the weights were made of, where networks are blended; others are found anew."""
        known = self._spreads.get(step.name)
        if known is not None and known[0] == cache_key:
            return known[1]
        assert step.affine is not None  # or it has no styles
        if self._ws is None:
            info = self._generator.info
            self._ws = map_seeds(self._generator, info, tuple(range(SAMPLES)), None, self._device)[:, 0]
        styles = step.affine(self._ws)
        spread = Spread(styles.mean(dim=0), styles.std(dim=0))
        self._spreads[step.name] = (cache_key, spread)
        return spread

    def styles(self, layer: str, inputs: SynthesisInputs) -> Styles | None:
        """Those of one layer for a picture; None if there is no such layer, or it has none."""
        step = next((step for step in self._generator.steps if step.name == layer), None)
        if step is None or step.affine is None:
            return None
        spread = self.spread(step, inputs.cache_key.get(layer))
        values = step.affine(inputs.ws[:1, step.ws[0]])[0]
        return Styles(layer, *(x.float().cpu().numpy() for x in (values, spread.mean, spread.std)))

    def stylings(self, request: RenderRequest, cache_key: dict[str, object]) -> dict[str, Styling]:
        """The changes of a request by step. Channels that a layer lacks, and muted layers, are left out."""
        found = {}
        for step in self._generator.steps:
            edits = tuple(edit for edit in request.styles if edit.layer == step.name)
            if edits and step.affine is not None and not edit_at(request.layers, step.row).muted:
                parts = cache_key.get(step.name)
                found[step.name] = styling(edits, self.spread(step, parts), (edits, parts))
        return found


def styling(edits: tuple[StyleEdit, ...], spread: Spread, cache_key: object) -> Styling:
    scale, offset = torch.ones_like(spread.mean), torch.zeros_like(spread.mean)
    for edit in edits:
        if edit.channel < len(scale):
            scale[edit.channel] = edit.scale
            offset[edit.channel] = edit.offset * spread.std[edit.channel]
    return Styling(scale, offset, cache_key)


def influence(generator: Generator, inputs: SynthesisInputs, step: Step, box: Box, tap: Tap = no_tap) -> Tensor:
    """How much the mean colour of a part of the picture changes with each style of a layer: the length of the gradient
    over the colour channels. inputs: of one picture -> [C], float32, on the CPU"""
    assert step.affine is not None  # or it has no styles
    with torch.inference_mode(False), torch.enable_grad():
        count = step.affine(inputs.ws[:, step.ws[0]].clone()).shape[1]
        now = inputs.styles.get(step.name)
        scale = torch.ones(count, device=inputs.ws.device) if now is None else now.scale.clone()
        offset = (torch.zeros_like(scale) if now is None else now.offset.clone()).requires_grad_(True)
        inputs = _copied(inputs)  # tensors of inference mode let no gradient pass
        inputs = replace(inputs, styles={**inputs.styles, step.name: Styling(scale, offset)})
        image = synthesize(generator, inputs, on_layer=tap)
        colours = image[0, :, box.top : box.bottom, box.left : box.right].mean(dim=(1, 2))
        if not image.requires_grad:  # at this level of detail the layer does not run
            return torch.zeros(count)
        gradients = [torch.autograd.grad(colour, offset, retain_graph=True)[0] for colour in colours]
    lengths: Tensor = torch.stack(gradients).norm(dim=0).cpu()
    return lengths


def _copied(inputs: SynthesisInputs) -> SynthesisInputs:
    noise = tuple(x.clone() for x in inputs.noise_maps)
    return replace(inputs, ws=inputs.ws.clone(), noise_maps=noise, others=tuple(map(_copied, inputs.others)))
