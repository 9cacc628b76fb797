"""Measures the demo networks and draws sheets to look at: `python -m resources.demo.quality [NAMES] --out FOLDER`.

error          mean absolute difference to the painter on held-out latents, range -1..1
follows        how much of what an attribute changes in the painter's portrait it changes in the network's: 1 is all
jump           the largest step of an interpolation relative to its mean step, over pairs of latents
EQ-T, EQ-R     of StyleGAN3, in dB (Karras et al. 2021, section 2.2)
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":  # before torch is imported
    from core.base.process import prepare_process

    prepare_process()

import torch
from PIL import Image
from torch import Tensor

from core.measure.equivariance import equivariance
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.opening.network import open_network
from core.request import IDENTITY, Matrix
from core.request.seeds import z_of
from core.synthesis.generator import SynthesisInputs, synthesize

from . import batched
from .painter import ATTRIBUTES
from .train import RECIPES, Batch, attributes_of, by_layer, target
from .train_r import NAME as EQUIVARIANT
from .trainer import Network

HELD_OUT_SEED = 1_000_000  # and up, of the program
PAIRS, STEPS = 20, 40  # interpolations
PORTRAITS = 16  # in which attributes are changed
TABLE = 8  # rows and columns


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=[*RECIPES, EQUIVARIANT], help="networks (default: all)")
    parser.add_argument(
        "--from", dest="folder", type=Path, help="folder of NAME.safetensors (default: the bundled ones)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the sheets")
    parser.add_argument("-n", type=int, default=500, help="held-out latents (default: 500)")
    parser.add_argument("--equivariance", type=int, default=200, help="samples of EQ-T and EQ-R (default: 200)")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    networks = {name: _open(name, args.folder) for name in args.names}
    for name, network in networks.items():
        report: dict[str, object] = {"network": name, "error": error(name, network, args.n), "jump": jump(network)}
        report["follows"] = follows(name, network)
        report["frame_ms"] = frame_ms(network)
        if isinstance(network, StyleGan3):
            scores = equivariance(network, args.equivariance)
            report |= {metric: round(score.psnr_db, 1) for metric, score in scores.items()}
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
        draw_sheets(name, network, args.out)
    first, second = networks.get("portraits"), networks.get("paintings")
    if isinstance(first, StyleGan2) and isinstance(second, StyleGan2):
        save(blends(first, second), 8, args.out / "blend.png")


def _open(name: str, folder: Path | None) -> Network:
    source = f"demo:{name}" if folder is None else str(folder / f"{name}.safetensors")
    network = open_network(source).generator
    assert isinstance(network, StyleGan2 | StyleGan3)
    return network


# ----------------------------------------------------------------------------
# Figures.


@torch.no_grad()
def error(name: str, network: Network, count: int) -> float:
    total = 0.0
    for i in range(count):
        z, label = latents(network, 1, HELD_OUT_SEED + i), torch.tensor([i])
        total += float((draw(network, z, label) - painted(name, network, z, label)).abs().mean())
    return round(total / count, 4)


@torch.no_grad()
def follows(name: str, network: Network) -> dict[str, float]:
    """Of each attribute, the least first."""
    z, label = latents(network, PORTRAITS, HELD_OUT_SEED + 300), torch.arange(PORTRAITS)
    found = {}
    for i, attribute in enumerate(ATTRIBUTES):
        ends = z.repeat(2, 1)
        ends[:PORTRAITS, i], ends[PORTRAITS:, i] = 1.2, -1.2
        (made, other_made), (wanted, other_wanted) = (
            pictures.chunk(2)
            for pictures in (draw(network, ends, label.repeat(2)), painted(name, network, ends, label.repeat(2)))
        )
        change, wanted_change = made - other_made, wanted - other_wanted
        found[attribute] = round(float((change * wanted_change).sum() / wanted_change.square().sum()), 2)
    return dict(sorted(found.items(), key=lambda item: item[1]))


@torch.no_grad()
def jump(network: Network) -> float:
    worst = 0.0
    for pair in range(PAIRS):
        z = latents(network, 2, HELD_OUT_SEED + 1 + pair)
        t = torch.linspace(0, 1, STEPS)[:, None]
        ws = network.map(z, classes(network, torch.full((2,), pair)))
        path = [picture_of(network, torch.lerp(ws[:1], ws[1:], s)) for s in t]
        steps = torch.stack([(b - a).abs().mean() for a, b in itertools.pairwise(path)])
        worst = max(worst, float(steps.max() / steps.mean()))
    return round(worst, 2)


@torch.no_grad()
def frame_ms(network: Network) -> float:
    """The median time of a picture."""
    ws = network.map(latents(network, 1, 0), classes(network, torch.zeros(1, dtype=torch.long)))
    times = []
    for _ in range(9):
        began = time.perf_counter()
        picture_of(network, ws)
        times.append(time.perf_counter() - began)
    return round(1000 * sorted(times)[len(times) // 2], 1)


# ----------------------------------------------------------------------------
# Sheets.


@torch.no_grad()
def draw_sheets(name: str, network: Network, out: Path) -> None:
    z = latents(network, 64, HELD_OUT_SEED)
    label = torch.arange(64) % max(network.config.mapping.c_dim, 1)
    save([draw(network, z[i : i + 1], label[i : i + 1]) for i in range(64)], 8, out / f"{name}-samples.png")
    save(mixing_table(network), TABLE, out / f"{name}-mixing.png")
    save(truncations(network), 9, out / f"{name}-psi.png")
    if network.config.mapping.c_dim:
        same = [
            draw(network, z[i : i + 1], torch.tensor([c]))
            for i in range(8)
            for c in range(network.config.mapping.c_dim)
        ]
        save(same, network.config.mapping.c_dim, out / f"{name}-classes.png")
    if isinstance(network, StyleGan3):
        save(moved(network), 8, out / f"{name}-transform.png")


def mixing_table(network: Network) -> list[Tensor]:
    """Rows give pose, shape and expression, columns colour."""
    z = latents(network, 2 * TABLE, HELD_OUT_SEED + 77)
    ws = network.map(z, classes(network, torch.zeros(len(z), dtype=torch.long)))[:, 0]
    cells = [(ws[r], ws[TABLE + c]) for r in range(TABLE) for c in range(TABLE)]
    return [picture_of(network, by_layer(torch.stack([a, a, b])[:, None], network.config.num_ws)) for a, b in cells]


def truncations(network: Network) -> list[Tensor]:
    z = latents(network, 4, HELD_OUT_SEED + 5)
    ws = network.map(z, classes(network, torch.arange(4)))
    psis = (-1.2, -0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9, 1.2)
    return [picture_of(network, network.w_avg + psi * (w[None] - network.w_avg)) for w in ws for psi in psis]


def moved(network: StyleGan3) -> list[Tensor]:
    z = latents(network, 2, HELD_OUT_SEED + 9)
    pictures = []
    for row in network.map(z, None):
        for i in range(8):
            turn = torch.tensor(i * torch.pi / 8)
            c, s = float(turn.cos()), float(turn.sin())
            pictures.append(picture_of(network, row[None], (c, -s, 0.0, s, c, 0.0)))
        pictures += [
            picture_of(network, row[None], (1.0, 0.0, (i - 4) * 0.05, 0.0, 1.0, (i - 4) * 0.02)) for i in range(8)
        ]
    return pictures


def blends(first: StyleGan2, second: StyleGan2) -> list[Tensor]:
    """Each row: from the first network to the second, swapped from the fine layers on; then from the coarse ones on."""
    rows: list[Tensor] = []
    names = [block.name for block in batched.blocks_of(first)]
    z = latents(first, 2, HELD_OUT_SEED + 3)
    own, other = first.state_dict(), second.state_dict()
    mixed = StyleGan2(first.config).eval()
    for fine_first in (True, False):
        for i in range(2):
            for count in range(len(names) + 1):
                chosen = names[len(names) - count :] if fine_first else names[:count]
                state = {k: other[k] if k.split(".")[1] in chosen else v for k, v in own.items()}
                mixed.load_state_dict(state)
                rows.append(draw(mixed, z[i : i + 1], torch.zeros(1, dtype=torch.long)))
            rows.append(torch.full_like(rows[-1], 1.0))
    return rows


# ----------------------------------------------------------------------------
# Parts.


def latents(network: Network, count: int, seed: int) -> Tensor:
    """z of consecutive seeds, as the program draws them. [count, z_dim]"""
    z_dim, c_dim = network.config.mapping.z_dim, network.config.mapping.c_dim
    return torch.stack([torch.from_numpy(z_of(seed + i, z_dim, c_dim)[0]) for i in range(count)])


def classes(network: Network, label: Tensor) -> Tensor | None:
    c_dim = network.config.mapping.c_dim
    return torch.eye(c_dim)[label % c_dim] if c_dim else None


def draw(network: Network, z: Tensor, label: Tensor) -> Tensor:
    return picture_of(network, network.map(z, classes(network, label)))


def picture_of(network: Network, ws: Tensor, transform: Matrix = IDENTITY) -> Tensor:
    with torch.no_grad():
        return synthesize(network, SynthesisInputs(ws, transform=transform))


def painted(name: str, network: Network, z: Tensor, label: Tensor) -> Tensor:
    """What `draw` should give."""
    looks = RECIPES[name].looks if name in RECIPES else ("photo",)
    latent, noise = z.expand(3, -1, -1), tuple(x.expand(len(z), -1, -1, -1) for x in stored_noise(network))
    batch = Batch(latent, torch.ones(len(z), 1), label % len(looks), attributes_of(latent), noise)
    return target(batch, looks, network.info.width)[0]


def stored_noise(network: Network) -> tuple[Tensor, ...]:
    """The noise of the layers whose texture the painter draws."""
    if isinstance(network, StyleGan3):
        return ()
    noisy = [b for b in batched.blocks_of(network) if b.name in {f"b{r}" for r in batched.NOISY}]
    layers = [layer for b in noisy for layer in (b.conv0, b.conv1) if layer is not None]
    return tuple(layer.noise_const[None, None] for layer in layers)


def save(pictures: Sequence[Tensor], columns: int, path: Path) -> None:
    """pictures: [1, 3, H, W] each, -1..1, as a sheet."""
    stack = torch.cat(list(pictures))
    sheet = stack.reshape(-1, columns, *stack.shape[1:]).permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)
    Image.fromarray(((sheet.clamp(-1, 1) + 1) * 127.5).round().byte().numpy()).save(path)


if __name__ == "__main__":
    main()
