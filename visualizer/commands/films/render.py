"""Films on the command line: here, in several processes, or on a Ray cluster."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.base.text import counted, plural
from core.documents.document import to_text
from core.film.driven import heard
from core.film.export import Exported, export
from core.film.files import film_writer
from core.film.film import Film
from core.film.frames import FilmFrame, FrameMaker
from core.film.processes import frames_of_processes, share_of_cores
from core.film.ray_cluster import DANGER, frames_of_ray
from core.film.sound import film_sound
from core.film.worker import Plan, networks_of
from core.project import Project
from visualizer.commands.films.options import film_from, jobs_of
from visualizer.commands.output import note, say, timed_progress

if TYPE_CHECKING:
    from core.render.open_networks import OpenNetworks
    from core.render.tasks import Loaded


def render_film(options: argparse.Namespace, project: Project, networks: OpenNetworks, network: Loaded) -> None:
    """Write the film of a project whose network is open. Raises UsageError, CaptureError, and what rendering raises."""
    film, jobs = film_from(options, project), jobs_of(options)
    origin = network.origin
    sounds = heard(film.timeline, timed_progress())
    maker = FrameMaker(film, network.info, origin, sounds)
    text = to_text(film.request, origin, family=network.info.family)
    sound = film_sound(film)
    writer = film_writer(film, options.output, maker, text=text, sound=lambda: sound, replace=options.overwrite)
    others = [networks.open(name, timed_progress()) for name in networks_of(film)[1:]]  # open while they are kept

    def source(indices: Sequence[int]) -> Iterator[FilmFrame]:
        if options.ray is not None:
            note(DANGER)
            plan = Plan(film, origin, options.device, sounds)
            yield from frames_of_ray(plan, indices, options.ray, jobs, [origin, *(other.origin for other in others)])
        elif jobs is not None and jobs > 1:
            plan = Plan(film, origin, options.device, sounds, share_of_cores(jobs))
            yield from frames_of_processes(plan, indices, jobs)
        else:
            render = networks.renderer(network).render
            yield from (maker.make(index, render) for index in indices)

    _told(film, export(writer, source, timed_progress(), _tell_part))


def _tell_part(part: Exported) -> None:
    note(f"{part.path} holds the finished part, {plural(part.frames, 'frame')}")


def _told(film: Film, made: Exported) -> None:
    for text in made.notes:
        note(text)
    seconds = float(film.frames / film.rate)
    say(f"{made.path}: {plural(film.frames, 'frame')}, {seconds:.4g} s, {counted(made.bytes)}")

