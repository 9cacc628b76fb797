"""Requests as text: in a picture, on a command line, and in the session files of early versions."""

from __future__ import annotations

import json
import math
import os
import shlex
import subprocess
from dataclasses import dataclass

from core.base.errors import UsageError
from core.documents import json_reader as fields
from core.documents.json_reader import Fields
from core.documents.request_json import Json, plain, read_request
from core.request import IDENTITY, Grid, Noise, NoiseMode, Origin, Precision, RenderRequest, SeedPoint, Truncation
from core.request.labels import weights_of

FORMAT = "stylegan-visualizer request"
VERSION = 1

MAX_TEXT = 32 * 2**20  # characters; the largest w takes about half of it
MAX_COMMAND = 8000  # characters; the Windows shell takes 8191
MAX_WEIGHTS = 8  # classes of a soft label in a flag


@dataclass(frozen=True)
class Document:
    """A request that was read, and the network it was made with."""

    request: RenderRequest
    digest: str = ""  # SHA-256 of the network's file
    size: int = 0  # bytes of that
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
            "name": _file_name(origin.location),
            "digest": origin.digest,
            "family": family,
            "container": origin.container,
            "size": origin.size,
        }
    document: Json = {"format": FORMAT, "version": VERSION, "request": plain(request), "network": network}
    try:
        return json.dumps(document, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        advice = "it holds a number that is not finite; reset that control"
        raise UsageError(f"the request cannot be saved: {advice}") from error


def _file_name(location: str) -> str:
    return location.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


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
    request = read_request(part)
    network = top.child("network")
    notes = [f"{where}: this version does not know {name}; it was left out" for name in part.unknown()]
    if version > VERSION:
        notes.insert(0, f"{where} was written by a newer version of this program; the picture may differ")
    return Document(
        request,
        digest=network.get("digest", "", fields.string),
        size=network.get("size", 0, fields.integer(0)),
        name=network.get("name", "", fields.string),
        family=network.get("family", "", fields.string),
        notes=tuple(notes),
    )


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
    weights = weights_of(label) if isinstance(label, tuple) else {}
    if not isinstance(latent, SeedPoint) or (isinstance(label, tuple) and not 1 <= len(weights) <= MAX_WEIGHTS):
        return None
    sayable = RenderRequest(
        request.network,
        latent,
        label,
        sources=request.sources,
        truncation=Truncation(psi, request.truncation.cutoff),
        noise=Noise(request.noise.mode, request.noise.seed),
        transform=request.transform,
        grid=Grid(request.grid.rows, request.grid.columns),
        lod=request.lod,
        precision=request.precision,
    )
    grid = (request.grid.rows, request.grid.columns)
    if request != sayable or bool(grid[0]) != bool(grid[1]) or any(location.parts for location in request.sources):
        return None
    if not float(request.noise.seed).is_integer():
        return None
    if not (float(latent.x).is_integer() and float(latent.y).is_integer() and math.isfinite(psi + (request.lod or 0))):
        return None
    seed = (int(latent.x) + 100 * int(latent.y)) & 0xFFFFFFFF
    # A name that starts with a minus sign would be taken for a flag.
    network = f"./{request.network}" if request.network.startswith("-") else request.network
    arguments = [network] if network else []
    arguments += ["-o", "picture.png", "--seeds", str(seed)]
    if weights:
        arguments += ["--class", ",".join(f"{index}:{float(weight)!r}" for index, weight in weights.items())]
    elif label is not None:
        arguments += ["--class", str(label)]
    if all(grid):
        arguments += ["--code-grid", f"{grid[0]}x{grid[1]}"]
    if psi != 1:
        arguments.append(f"--psi={psi!r}")
        if request.truncation.cutoff is not None:
            arguments += ["--cutoff", str(request.truncation.cutoff)]
    match request.noise:
        case Noise(NoiseMode.RANDOM):
            arguments.append(f"--noise=random:{int(request.noise.seed)}")
        case Noise(NoiseMode.NONE):
            arguments.append("--noise=none")
    if request.transform != IDENTITY:
        arguments.append("--transform=" + ",".join(repr(float(value)) for value in request.transform))
    if request.lod is not None:
        arguments += ["--lod", repr(float(request.lod))]
    if request.precision is not Precision.AUTO:
        arguments += ["--precision", request.precision.value]
    return arguments


def _quote(arguments: list[str]) -> str:
    return subprocess.list2cmdline(arguments) if os.name == "nt" else shlex.join(arguments)
