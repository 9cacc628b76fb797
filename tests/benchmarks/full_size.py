"""Networks of full size as files: pickles in the official layout, and safetensors."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from core.bench.report import random_network
from core.families import FAMILIES
from core.loading.formats.saved import write_saved
from tests.fixtures.samples import Made, persisted, snapshot, state_of, tensor


def write_pickle(name: str, path: Path) -> None:
    """A snapshot as the official training writes it, but for the discriminator."""
    generator = random_network(name).generator
    assert isinstance(generator, nn.Module)
    path.write_bytes(snapshot(G=_persisted(generator), G_ema=_persisted(generator)))


def write_safetensors(name: str, path: Path) -> None:
    generator = random_network(name).generator
    saved = next(found for family in FAMILIES if (found := family.save(generator)) is not None)
    write_saved(path, saved)


def _persisted(module: nn.Module) -> Made:
    own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
    tensors = {name: tensor(value.detach().numpy()) for name, value in own}
    children = {name: _persisted(child) for name, child in module.named_children()}
    return persisted(type(module).__name__, state_of(tensors, children))
