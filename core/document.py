"""Requests as text: in a picture, in a session file, on a command line."""

from __future__ import annotations

import json
import math
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from core import fields
from core.errors import UsageError
from core.fields import Fields
from core.files import write_whole
from core.request import (
    IDENTITY,
    Colors,
    Compare,
    Label,
    Latent,
    Matrix,
    Mixing,
    Noise,
    NoiseMode,
    Origin,
    RenderRequest,
    SeedPoint,
    Show,
    Truncation,
    View,
    WVector,
    ZVector,
)

FORMAT = "stylegan-visualizer request"
VERSION = 1

MAX_TEXT = 32 * 2**20  # characters; the largest w takes about half of it
MAX_ROWS = 64
MAX_NUMBERS = 8192  # of z, and of each row of w
MAX_CLASSES = 65536
MAX_LAYERS = 1024
MAX_COMMAND = 8000  # characters; the Windows shell takes 8191

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


@dataclass(frozen=True)
class Document:
    """A request that was read, and the network it was made with."""

    request: RenderRequest
    digest: str = ""  # SHA-256 of the network's file
    name: str = ""
    family: str = ""
    notes: tuple[str, ...] = ()  # what could not be kept


# ----------------------------------------------------------------------------
# Writing.


def to_text(request: RenderRequest, origin: Origin | None = None, *, family: str = "") -> str:
    """Compact JSON in ASCII. Raises UsageError if a number in the request is not finite."""
    network: dict[str, Json] = {}
    if origin is not None:
        network = {
            "name": _file_name(origin.source),
            "digest": origin.digest,
            "family": family,
            "container": origin.container,
            "size": origin.size,
        }
    document: Json = {"format": FORMAT, "version": VERSION, "request": _request(request), "network": network}
    try:
        return json.dumps(document, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        advice = "it holds a number that is not finite; reset that control"
        raise UsageError(f"the request cannot be saved: {advice}") from error


def save_session(path: Path, request: RenderRequest, origin: Origin | None = None, *, family: str = "") -> None:
    """Write a session file in one step. Raises UsageError."""
    text = to_text(request, origin, family=family)
    try:
        write_whole(path, text.encode() + b"\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"the session {path} cannot be written: {reason}; choose another folder") from error


def _request(request: RenderRequest) -> Json:
    label = request.label
    return {
        "network": request.network,
        "latent": _latent(request.latent),
        "label": _floats(label) if isinstance(label, tuple) else label,
        "mixing": {"seed": request.mixing.seed, "layers": sorted(request.mixing.layers)},
        "truncation": {"psi": float(request.truncation.psi), "cutoff": request.truncation.cutoff},
        "noise": {"mode": request.noise.mode.value, "seed": request.noise.seed},
        "transform": _floats(request.transform),
        "force_fp32": request.force_fp32,
        "view": {
            "layer": request.view.layer,
            "show": request.view.show.value,
            "base": request.view.base,
            "normalize": request.view.normalize,
            "gain_db": float(request.view.gain_db),
            "colors": request.view.colors.value,
        },
    }


def _latent(latent: Latent) -> Json:
    match latent:
        case SeedPoint(x, y):
            return {"kind": "seed", "x": float(x), "y": float(y)}
        case ZVector(values):
            return {"kind": "z", "values": _floats(values)}
        case WVector(rows):
            return {"kind": "w", "rows": [_floats(row) for row in rows]}


def _floats(values: Sequence[float]) -> list[float]:
    return [float(value) for value in values]


def _file_name(source: str) -> str:
    return source.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


# ----------------------------------------------------------------------------
# Reading.


def from_text(text: str, where: str) -> Document:
    """Read what `to_text` wrote. `where` names it in errors and notes, e.g. "the request in 00003.png".

    A missing field takes its default, an unknown one is left out with a note. Raises UsageError.
    """
    if len(text) > MAX_TEXT:
        raise UsageError(f"{where} cannot be used: it is longer than {MAX_TEXT // 2**20} million characters")
    top = Fields(fields.parse(text, where), where=where)
    if top.get("format", "", fields.string) != FORMAT:
        raise UsageError(f'{where} cannot be used: it does not say "format": "{FORMAT}"')
    version = top.get("version", VERSION, fields.integer(1))
    part = top.child("request")
    request = _read_request(part)
    network = top.child("network")
    notes = [f"{where}: this version does not know {name}; it was left out" for name in part.unknown()]
    if version > VERSION:
        notes.insert(0, f"{where} was written by a newer version of this program; the picture may differ")
    return Document(
        request,
        digest=network.get("digest", "", fields.string),
        name=network.get("name", "", fields.string),
        family=network.get("family", "", fields.string),
        notes=tuple(notes),
    )


def load_session(path: Path) -> Document:
    """Read a session file. Raises UsageError."""
    where = f"the session {path}"
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT + 1)
        return from_text(data.decode(), where)
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{where} cannot be read: it is not text; choose a file saved by this program") from error


def _read_request(part: Fields) -> RenderRequest:
    default = RenderRequest()
    mixing, truncation, noise = part.child("mixing"), part.child("truncation"), part.child("noise")
    view = part.child("view")
    return RenderRequest(
        network=part.get("network", default.network, fields.string),
        latent=_read_latent(part),
        label=part.get("label", default.label, _read_label),
        mixing=Mixing(
            seed=mixing.get("seed", default.mixing.seed, fields.integer()),
            layers=mixing.get("layers", default.mixing.layers, _read_layers),
        ),
        truncation=Truncation(
            psi=truncation.get("psi", default.truncation.psi, fields.number()),
            cutoff=truncation.get("cutoff", default.truncation.cutoff, fields.optional(fields.integer(0, MAX_LAYERS))),
        ),
        noise=Noise(
            mode=noise.get("mode", default.noise.mode, fields.choice(NoiseMode)),
            seed=noise.get("seed", default.noise.seed, fields.integer()),
        ),
        transform=part.get("transform", default.transform, _read_matrix),
        force_fp32=part.get("force_fp32", default.force_fp32, fields.flag),
        view=View(
            layer=view.get("layer", default.view.layer, fields.string),
            show=view.get("show", default.view.show, fields.choice(Show)),
            base=view.get("base", default.view.base, fields.integer(0)),
            normalize=view.get("normalize", default.view.normalize, fields.flag),
            gain_db=view.get("gain_db", default.view.gain_db, fields.number()),
            colors=view.get("colors", default.view.colors, fields.choice(Colors)),
            untransform=view.get("untransform", default.view.untransform, fields.flag),
            compare=view.get("compare", default.view.compare, fields.choice(Compare)),
            difference_db=view.get("difference_db", default.view.difference_db, fields.number()),
            mask=view.get("mask", default.view.mask, fields.flag),
        ),
    )


def _read_latent(part: Fields) -> Latent:
    latent = part.child("latent")
    match latent.get("kind", "seed", _read_kind):
        case "z":
            return ZVector(latent.require("values", fields.sequence(fields.number(), 1, MAX_NUMBERS)))
        case "w":
            return WVector(latent.require("rows", _read_rows))
        case _:
            return SeedPoint(latent.get("x", 0.0, fields.number()), latent.get("y", 0.0, fields.number()))


def _read_kind(value: object) -> str:
    if isinstance(value, str) and value in ("seed", "z", "w"):
        return value
    raise ValueError("one of seed, z, w")


def _read_rows(value: object) -> tuple[tuple[float, ...], ...]:
    rows = fields.sequence(fields.sequence(fields.number(), 1, MAX_NUMBERS), 1, MAX_ROWS)(value)
    if len({len(row) for row in rows}) > 1:
        raise ValueError("a list of rows of one length")
    return rows


def _read_label(value: object) -> Label:
    if value is None:
        return None
    if isinstance(value, list):
        return fields.sequence(fields.number(), 1, MAX_CLASSES)(value)
    try:
        return fields.integer(0, MAX_CLASSES)(value)
    except ValueError as error:
        raise ValueError("null, the number of a class, or a list of weights") from error


def _read_layers(value: object) -> frozenset[int]:
    return frozenset(fields.sequence(fields.integer(0, MAX_LAYERS), 0, MAX_LAYERS)(value))


def _read_matrix(value: object) -> Matrix:
    a, b, c, d, e, f = fields.sequence(fields.number(), 6, 6)(value)
    return (a, b, c, d, e, f)


# ----------------------------------------------------------------------------
# The command line.


def command_line(request: RenderRequest) -> str:
    """A shell command that renders the request: with flags where they can express it, else with `--request`.

    Raises UsageError if it is too long for a command line, as with an explicit w: a session file has to do then.
    """
    arguments = _flags(request)
    if arguments is None:
        arguments = ["--request", to_text(request), "-o", "picture.png"]
    command = _quote(["python", "-m", "visualizer", "render", *arguments])
    if len(command) > MAX_COMMAND:
        way_out = _quote(["python", "-m", "visualizer", "render", "session.json", "-o", "picture.png"])
        raise UsageError(f"the request is too long for a command line; save it as a session and run: {way_out}")
    return command


def _flags(request: RenderRequest) -> list[str] | None:
    latent, label, psi = request.latent, request.label, request.truncation.psi
    if not isinstance(latent, SeedPoint) or isinstance(label, tuple):
        return None
    if request.mixing.layers or request.view != View():
        return None
    if not (float(latent.x).is_integer() and float(latent.y).is_integer() and math.isfinite(psi)):
        return None
    seed = (int(latent.x) + 100 * int(latent.y)) & 0xFFFFFFFF
    # A name that starts with a minus sign would be taken for a flag.
    network = f"./{request.network}" if request.network.startswith("-") else request.network
    arguments = [network] if network else []
    arguments += ["-o", "picture.png", "--seeds", str(seed)]
    if label is not None:
        arguments += ["--class", str(label)]
    if psi != 1:
        arguments.append(f"--psi={psi!r}")
        if request.truncation.cutoff is not None:
            arguments += ["--cutoff", str(request.truncation.cutoff)]
    match request.noise:
        case Noise(NoiseMode.RANDOM, noise_seed):
            arguments.append(f"--noise=random:{noise_seed}")
        case Noise(NoiseMode.NONE):
            arguments.append("--noise=none")
    if request.transform != IDENTITY:
        arguments.append("--transform=" + ",".join(repr(float(value)) for value in request.transform))
    if request.force_fp32:
        arguments.append("--fp32")
    return arguments


def _quote(arguments: list[str]) -> str:
    return subprocess.list2cmdline(arguments) if os.name == "nt" else shlex.join(arguments)
