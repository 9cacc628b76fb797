"""Open, describe and convert a network, whatever names it: a file, a run folder, an address, a demo, a seed."""

from __future__ import annotations

import os
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import UnsupportedFile, UsageError
from core.base.files import is_same_file
from core.base.paths import path_of, unquoted
from core.base.progress import Progress, silent
from core.base.text import moment, shown
from core.loading import read_checkpoint
from core.loading.common.checkpoint import SavedNetwork
from core.loading.formats.container import named
from core.loading.formats.saved import write_saved
from core.loading.formats.snapshot import write_snapshot
from core.opening.address import is_url
from core.opening.class_counts import named_count
from core.opening.class_names import names_beside
from core.opening.classes_in_z import ClassesInZ, classes_in_z
from core.opening.demos import PREFIX, default_location, demo_file
from core.opening.download import download
from core.opening.network_cache import place_of
from core.opening.web import copy_at, removed_if_bad
from core.request import BUILT_IN, LAST_SEED, CodeGrid, ModelInfo, Origin, Truncates

if TYPE_CHECKING:
    from core.synthesis.generator import Generator

SNAPSHOTS = "network-snapshot-*.pkl"
BEST = "best_model.pkl"  # written anew whenever there is a better one
LAST = ("network-snapshot.pkl", "network-final.pkl")
SUFFIX, SNAPSHOT = ".safetensors", ".pkl"
OLD_S = 30 * 86400.0  # a copy in the cache that may not be the newest any more
PSI = {
    Truncates.W: "pulls w to its average",
    Truncates.Z: "scales the z of seeds",
    Truncates.STATISTICS: "scales the z of seeds and chooses statistics",
    Truncates.NONE: "none",
}


@dataclass(frozen=True, eq=False)
class Network:
    """A network, ready to run on the CPU."""

    generator: Generator
    info: ModelInfo
    origin: Origin


def open_network(location: str, *, progress: Progress = silent) -> Network:
    """The network of a path, an address (https:, file:), a run folder (its best or newest), `demo:NAME` or `seed:N`.

    After the name may stand how many of the last numbers of its z are a class, as `#classes=N`.
    Raises CheckpointError, DownloadError or UsageError with a sentence for the user, and what `progress` raises.
    """
    name, classes = named_count(location)
    seed = _built_in_seed(name)
    if seed is not None:
        from core.networks.seeded import seeded_stylegan2

        built_in = seeded_stylegan2(seed)
        return Network(built_in, built_in.info, Origin(name, container="built in"))
    from core.families import recognise

    path = _local_file(name, progress)
    place = place_of(path)
    kept = place.find(name, progress) if place else None
    with removed_if_bad(name):
        checkpoint = kept or read_checkpoint(path, location=name, progress=progress)
        progress("building", 0, 1)
        with named(Path(checkpoint.origin.path)):
            recognised = recognise(checkpoint.content)
            generator, notes = recognised.build()
        progress("building", 1, 1)
    origin = checkpoint.origin if kept else _noted(checkpoint.origin, notes)
    if place and not kept and not isinstance(checkpoint.content, SavedNetwork) and (saved := _saved(generator)):
        place.keep(origin, saved)
    known = classes_in_z(recognised, generator.info, origin, classes)
    if known.count:
        generator, _ = recognised.with_classes(known.count).build()
    return Network(generator, *_told(generator.info, _dated(origin), known))


def describe_network(location: str, *, progress: Progress = silent) -> tuple[ModelInfo, Origin]:
    """What `open_network` would say about a network, without building it. Its file is read, whatever is kept of it."""
    name, classes = named_count(location)
    if _built_in_seed(name) is not None:
        network = open_network(name, progress=progress)
        return network.info, network.origin
    from core.families import recognise

    path = _local_file(name, progress)
    with removed_if_bad(name):
        checkpoint = read_checkpoint(path, location=name, progress=progress)
        with named(Path(checkpoint.origin.path)):
            recognised = recognise(checkpoint.content)
            info = recognised.describe()
            known = classes_in_z(recognised, info, checkpoint.origin, classes)
            if known.count:
                info = recognised.with_classes(known.count).describe()
    return _told(info, _dated(_noted(checkpoint.origin, recognised.notes)), known)


def _told(info: ModelInfo, origin: Origin, known: ClassesInZ) -> tuple[ModelInfo, Origin]:
    """With what lies beside the file, and what the user set."""
    origin = replace(_noted(origin, known.notes), location=known.location)
    names, notes = names_beside(Path(origin.path), info.c_dim)
    lacking = (info.no_z,) if info.no_z else ()
    return replace(info, class_names=names, max_classes=known.most), _noted(origin, lacking + notes)


def _dated(origin: Origin) -> Origin:
    """With the time of the copy in the cache, if it is one, and a note if it is old."""
    copy = copy_at(origin.location)
    if copy is None:
        return origin
    dated = replace(origin, fetched_s=copy.fetched_s)
    if time.time() - dated.fetched_s < OLD_S:
        return dated
    return _noted(dated, (f"This copy was fetched on {moment(dated.fetched_s)}; it can be fetched again.",))


def _noted(origin: Origin, notes: tuple[str, ...]) -> Origin:
    return replace(origin, notes=(*origin.notes, *notes))


def convert(location: str, out: Path, *, half: bool = False, progress: Progress = silent) -> None:
    """Write a network as safetensors or as a snapshot, by the ending of `out`, which appears only when it is complete.

    half: weights as float16, in safetensors only. Raises what `open_network` raises, and UsageError if `out` cannot be
    written.
    """
    if out.suffix.lower() not in (SUFFIX, SNAPSHOT):
        raise UsageError(f"`{shown(out)}` should end in {SUFFIX} or {SNAPSHOT}; networks are written in these formats.")
    if half and out.suffix.lower() == SNAPSHOT:
        raise UsageError(f"A snapshot ({SNAPSHOT}) is written in float32; use {SUFFIX} for half the size.")
    if not os.path.isdir(out.parent):
        raise UsageError(f"The folder `{shown(out.parent)}` does not exist; make it first.")
    if not os.access(out.parent, os.W_OK):
        raise UsageError(f"The folder `{shown(out.parent)}` cannot be written to; choose another one.")
    source = None if _built_in_seed(location) is not None else _local_file(location, progress)
    if source is not None and is_same_file(source, out):
        raise UsageError(f"`{shown(out)}` is the network that is to be converted; give another name, so that it stays.")
    generator = open_network(location, progress=progress).generator
    try:
        write_network(generator, out, half=half, progress=progress)
    except TypeError as error:
        raise UnsupportedFile(
            f"`{shown(location)}` is of a kind that cannot be written; keep the original file."
        ) from error


def write_network(generator: Generator, out: Path, *, half: bool = False, progress: Progress = silent) -> None:
    """Write a network as safetensors, or as a snapshot in the official layout if `out` ends in .pkl.

    A snapshot holds no source code: loaders that run the source of a snapshot cannot open it.
    Raises TypeError if no family can, and UsageError if `out` cannot be written, or the official code has no such
    network.
    """
    from core.families import FAMILIES

    saved = _saved(generator)
    if saved is None:
        raise TypeError(f"no family writes a {type(generator).__name__}")
    if out.suffix.lower() != SNAPSHOT:
        return write_saved(out, saved, half=half, progress=progress)
    module = next((own for family in FAMILIES if (own := family.snapshot(generator)) is not None), None)
    if module is None:
        raise UsageError(f"NVIDIA's code has no networks of this kind, so there is no snapshot of one; use {SUFFIX}.")
    write_snapshot(out, module, progress=progress)


def _saved(generator: Generator) -> SavedNetwork | None:
    """A network as its family writes it; None if no family can."""
    from core.families import FAMILIES

    return next((found for family in FAMILIES if (found := family.save(generator)) is not None), None)


def facts(info: ModelInfo, origin: Origin) -> dict[str, object]:
    """Everything known about a network, as plain JSON."""
    return {
        "source": shown(origin.location),
        "family": info.family,
        "architecture": info.architecture,
        "resolution": [info.width, info.height],
        "channels": info.channels,
        "z_dim": info.z_dim,
        "w_dim": info.w_dim,
        "c_dim": info.c_dim,
        "class_names": list(info.class_names),
        "max_classes": info.max_classes,
        "num_ws": info.num_ws,
        "mapping": info.has_w,
        "psi": PSI[info.truncates],
        "noise": info.has_noise,
        "transform": info.has_transform,
        "codes": _codes(info.codes) if info.codes else None,
        "max_lod": info.max_lod,
        "lod": info.lod,
        "fp16_layers": list(info.fp16_layers),
        "parameters": info.num_parameters,
        "path": shown(origin.path),
        "fetched": moment(origin.fetched_s) if origin.fetched_s else None,
        "container": origin.container,
        "file_size": origin.size,
        "sha256": origin.digest,
        "training_set": dict(origin.training_set),
        "notes": list(origin.notes),
    }


def _codes(grid: CodeGrid) -> dict[str, object]:
    return {
        "count": grid.count,
        "grid": [grid.rows, grid.columns],
        "pixels": grid.size,
        "encoder": not grid.no_encoder,
    }


# ----------------------------------------------------------------------------
# From what the user typed to a checkpoint.


def _built_in_seed(location: str) -> int | None:
    """N of `seed:N`, None if it is something else."""
    if not location.startswith("seed:"):
        return None
    if not re.fullmatch(r"seed:[0-9]{1,10}", location):
        raise UsageError(f"`{shown(location, 60)}` should be seed: and a whole number, for example {BUILT_IN}.")
    seed = int(location.removeprefix("seed:"))
    if seed > LAST_SEED:
        raise UsageError(f"`{shown(location, 60)}` names no network: seeds end at {LAST_SEED}; take another one.")
    return seed


def _local_file(location: str, progress: Progress) -> Path:
    text = unquoted(location)
    if not text:
        example = default_location()
        raise UsageError(f"No network was named; give a file, an address, or {example}, which needs neither.")
    if text.startswith(PREFIX):
        return demo_file(text)
    if is_url(text):
        return download(text, progress=progress)
    try:
        if text.lower().startswith("file://"):
            text = urllib.request.url2pathname(urllib.parse.urlsplit(text).path)
    except ValueError as error:  # half a bracket
        raise _nothing(text) from error
    if "://" in text or "\0" in text:
        raise _nothing(text)
    path = path_of(text)
    return _snapshot_of(path) if os.path.isdir(path) else path


def _nothing(text: str) -> UsageError:
    return UsageError(f"`{shown(text, 100)}` is nothing that can be opened; give a file or an https:// address.")


def _snapshot_of(folder: Path) -> Path:
    """The snapshot for which a run folder stands: the best one where the training kept it, else the newest."""
    numbered = sorted(path for path in folder.glob(SNAPSHOTS) if path.is_file())
    for path in (folder / BEST, *numbered[-1:], *(folder / name for name in LAST)):
        if path.is_file():
            return path
    raise UsageError(f"The folder `{shown(folder)}` holds no {BEST} and no {SNAPSHOTS}; choose a file.")
