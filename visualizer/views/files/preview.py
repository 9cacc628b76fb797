"""What is in a file, before it is opened: the picture, and what a saved one was made with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from core.base.errors import VisualizerError
from core.base.text import counted, plural, shown
from core.documents.document import from_text
from core.documents.pictures import PICTURES, read_pixels
from core.opening.demos import demo_of, demo_picture
from core.opening.session_files import SUFFIX, read_session
from core.parameters import DEFAULTS, diff, where
from core.parameters.table import LATENT_X, LATENT_Y
from core.project import SavedSession
from core.request import SEEDS_PER_ROW, Latent, Mixture, RenderRequest, SeedPoint
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.sessions.restoring import NETWORKS, of_document
from visualizer.output.capture import read_picture_text
from visualizer.session.network_names import display_name
from visualizer.toolkit.canvas import Canvas
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.pixels import Pixels, reduced
from visualizer.toolkit.style import Font
from visualizer.views.files.listing import Line

REST_S = 0.12  # how long a line is chosen before its file is looked into
MOST_FACTS = 10  # of a request


@dataclass(frozen=True)
class Content:
    """What was found in a file; without pixels where it shows nothing."""

    line: Line
    pixels: Pixels | None = None  # no larger than it is shown
    facts: tuple[str, ...] = ()


class Preview:
    """Looks into the chosen file in the background, and draws what it found."""

    def __init__(self) -> None:
        self.content: Content | None = None
        self._line: Line | None = None
        self._since = 0.0
        self._asked = False
        self._canvas = Canvas()

    def close(self) -> None:
        self._canvas.close()

    def draw(self, context: Context, line: Line | None, r: Rect) -> None:
        """Draw what is known of the chosen line; a file is looked into when it has been chosen for a moment."""
        if line != self._line:
            self._line, self._since, self._asked, self.content = line, perf_counter(), False, None
        if line is None:
            return
        edge = int(r.w)
        left = REST_S - (perf_counter() - self._since)
        if left > 0:
            context.ui.redraw_in(left)
        elif not self._asked and not line.is_folder:
            self._asked = True
            context.session.start("Cannot look into the file", partial(look_into, line, edge), self._take)
        picture = Rect(r.x, r.y, edge, edge)
        self._draw_picture(context, line, picture)
        self._draw_facts(context, line, Rect(r.x, picture.bottom, r.w, r.bottom - picture.bottom))

    def _take(self, content: Content) -> None:
        if content.line == self._line:
            self.content = content

    def _draw_picture(self, context: Context, line: Line, r: Rect) -> None:
        paint, px = context.ui.paint, context.ui.px
        paint.box(r, "canvas", px(4))
        pixels = self.content.pixels if self.content is not None else None
        if pixels is None:
            paint.icon(r, icon_of(line), "text_faint", 40)
            return
        height, width = pixels.shape[:2]
        at = Rect(round(r.x + (r.w - width) / 2), round(r.y + (r.h - height) / 2), width, height)
        self._canvas.draw(paint, pixels, at, at, smooth=True, tint=0xFFFFFFFF)

    def _draw_facts(self, context: Context, line: Line, r: Rect) -> None:
        paint, px = context.ui.paint, context.ui.px
        paint.list.push_clip_rect(*r.corners, True)
        y = r.y + px(8)
        y += paint.wrapped(r.x, y, r.w, line.name, "text", font=Font.MEDIUM) + px(4)
        told = [kind_of(line), *([counted(line.size)] if line.size else []), *filter(None, [line.date])]
        for text in (*told, *(self.content.facts if self.content is not None else ())):
            y += paint.wrapped(r.x, y, r.w, text, "text_dim", size=14) + px(2)
        paint.list.pop_clip_rect()


def icon_of(line: Line) -> str:
    """What stands before a line."""
    if line.is_folder:
        return icons.FOLDER
    if line.path.suffix.lower() in PICTURES:
        return icons.FILE_IMAGE
    return icons.BRAIN if demo_of(str(line.path)) is not None else icons.FILE


def kind_of(line: Line) -> str:
    """What a line is, in a word or two."""
    suffix = line.path.suffix.lower()
    if line.is_folder:
        return "Folder"
    if suffix in PICTURES:
        return "Picture"
    if suffix in NETWORKS or demo_of(str(line.path)) is not None:
        return "Network"
    return "Session" if suffix == SUFFIX else "Latents" if suffix in (".npy", ".npz") else "Text"


# ----------------------------------------------------------------------------
# In the background.


def look_into(line: Line, edge: int) -> Content:
    """Read what a picture, a session or a demo network shows, at most `edge` pixels wide and high. Never raises for
    what a file may hold."""
    suffix, facts = line.path.suffix.lower(), []
    pixels = saved = None
    demo = demo_of(str(line.path))
    picture = demo_picture(demo) if demo is not None else line.path if suffix in PICTURES else None
    try:
        if demo is None and picture is not None:
            text = read_picture_text(picture)
            saved = of_document(from_text(text, line.name)) if text is not None else None
        elif suffix == SUFFIX:
            saved = read_session(line.path).session
        if picture is not None:
            whole = read_pixels(picture)
            facts += [f"{whole.shape[1]} × {whole.shape[0]} pixels"] if demo is None else []
            pixels = reduced(whole, edge)
    except VisualizerError as error:
        facts.append(str(error) if picture is not None else "No session of this program")
    return Content(line, pixels, (*facts, *(told(saved) if saved is not None else ())))


def told(saved: SavedSession) -> Iterator[str]:
    """What a saved picture or session was made with, a line each."""
    project, request = saved.project, saved.project.request
    yield f"Network {shown(display_name(request.network), 60)}"
    for count, word in ((len(project.shelf), "kept picture"), (len(project.presets), "preset")):
        if count:
            yield plural(count, word)
    if project.timeline.tracks:
        yield f"{plural(len(project.timeline.tracks), 'track')} over {project.timeline.duration_s:g} s"
    yield _latent(request.latent)
    lines = [*_parameters(request)]
    yield from lines[:MOST_FACTS]
    if len(lines) > MOST_FACTS:
        yield f"and {len(lines) - MOST_FACTS} more"


def _latent(latent: Latent) -> str:
    match latent:
        case SeedPoint(x=x, y=y):
            exactly = float(x).is_integer() and float(y).is_integer()
            return f"Seed {round(x) + SEEDS_PER_ROW * round(y)}" + ("" if exactly else ", and a part of others")
        case Mixture(shares=shares):
            return f"A mixture of {plural(len(shares), 'latent')}"
    return "A latent of its own"


def _parameters(request: RenderRequest) -> Iterator[str]:
    """What is not at its default: one by its value, several of a kind by how many they are."""
    if request.sources != DEFAULTS.sources:
        yield plural(len(request.sources), "source of styles", "sources of styles")
    if request.blends:
        yield plural(len(request.blends), "network blended in", "networks blended in")
    changes = [change for change in diff(DEFAULTS, request) if change.parameter not in (LATENT_X, LATENT_Y)]
    for parameter, grouped in itertools.groupby(changes, key=lambda change: change.parameter):
        group = list(grouped)
        if len(group) > 1:
            yield f"{parameter.label}: {len(group)} values"
        else:
            yield f"{parameter.label}{where(parameter, group[0].at)} {parameter.text_of(group[0].after)}"
