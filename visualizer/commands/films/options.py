"""The options of films on the command line, and the film that they ask for."""

from __future__ import annotations

import argparse
import os
import re
from fractions import Fraction
from pathlib import Path

from core.base.errors import UsageError
from core.base.text import shown
from core.film.film import MOST_SAMPLES, Film, FilmSize, Fitting, MotionBlur, film_of
from core.film.processes import MOST_JOBS
from core.film.rates import parse_rate
from core.project import Project
from core.video.formats import SUFFIXES, Format, format_of
from core.video.quality import QUALITY

# Endings that pictures have, too: a film only if another option says so.
PICTURES_TOO = (".webp",)
ONLY_FILMS = ("format", "fps", "size", "start", "end", "quality", "motion_blur", "shelf", "no_sound", "overwrite",
              "jobs", "ray")  # fmt: skip


def add_film_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("films", "a name that ends in " + ", ".join(SUFFIXES)).add_argument
    add("--format", choices=[str(kind) for kind in Format], help="default: by the name; png: a folder of pictures")
    add("--fps", metavar="RATE", help="25, 24000/1001, 23.976 (default: the timeline's)")
    add("--size", metavar="SIZE", help="2x, 4x, or WIDTHxHEIGHT (default: the network's)")
    add("--fitting", choices=[str(way) for way in Fitting], default="contain", help="into a frame of another shape")
    add("--start", metavar="S", help="seconds (default: the timeline's)")
    add("--end", metavar="S", help="seconds (default: the timeline's)")
    add("--quality", metavar="Q", help="0 to 1 (default: 0.5)")
    add("--motion-blur", metavar="N[@ANGLE]", help="the average of N pictures over ANGLE of 360 degrees (default: 180)")
    add("--shelf", choices=("all", "starred"), help="several pictures in one film: those kept in the session")
    add("--no-sound", action="store_true", help="leave out the timeline's sound")
    add("--overwrite", action="store_true", help="replace a film that is there already")
    add("--jobs", metavar="N", help="so many processes, which share the cores (with --ray: workers)")
    add("--ray", metavar="ADDRESS", help="on a Ray cluster; 'local' starts one")


def is_film(options: argparse.Namespace) -> bool:
    """Whether a film is asked for. Raises UsageError for options of films where a picture is named."""
    suffix = options.output.suffix.lower()
    given = [name for name in ONLY_FILMS if getattr(options, name) not in (None, False)]
    if suffix in SUFFIXES and suffix not in PICTURES_TOO:
        return True
    if not given:
        return False
    if options.format is None and suffix not in SUFFIXES:
        option = f"--{given[0].replace('_', '-')}"
        raise UsageError(
            f"{option} goes with a film, and {options.output.name} is none; end it in {', '.join(SUFFIXES)}, or make a "
            "folder of pictures with --format png."
        )
    return True


def film_from(options: argparse.Namespace, project: Project) -> Film:
    """The film of a project that the options ask for. Raises UsageError."""
    cells = [kept.request for kept in project.shelf if options.shelf == "all" or kept.starred] if options.shelf else []
    if options.shelf and not cells:
        raise UsageError(f"--shelf {options.shelf} finds nothing: no picture of the session is kept so.")
    if not project.timeline.tracks and options.end is None:
        raise UsageError(
            "Nothing moves here, so a film would be one picture: name a session with a timeline, say with --end for "
            "how many seconds it is seen, or end the name in .png."
        )
    kind = Format(options.format) if options.format else format_of(options.output.suffix)
    return film_of(
        project.request, project.timeline,
        rate=None if options.fps is None else parse_rate(options.fps),
        start_s=_seconds(options.start, "--start"), end_s=_seconds(options.end, "--end"), cells=cells,
        size=_size(options.size, Fitting(options.fitting)), blur=_blur(options.motion_blur), format=kind,
        quality=QUALITY if options.quality is None else float(_number(options.quality, "--quality")),
        sound=not options.no_sound,
    )  # fmt: skip


def jobs_of(options: argparse.Namespace) -> int | None:
    """How many workers are asked for. Raises UsageError."""
    if options.jobs is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", options.jobs) or not 1 <= int(options.jobs) <= MOST_JOBS:
        raise UsageError(f"'{shown(options.jobs, 40)}' is no number for --jobs; give 1 to {MOST_JOBS}.")
    return int(options.jobs)


def check_target(out: Path) -> None:
    """Raises UsageError if there is no folder for it."""
    if not os.path.isdir(out.absolute().parent):
        raise UsageError(f"The folder {out.parent} does not exist; make it first.")


def _number(text: str, option: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?|\.[0-9]{1,9}|[0-9]{1,9}/0*[1-9][0-9]{0,8}", text.strip()):
        raise UsageError(f"'{shown(text, 40)}' is no number for {option}.")
    return Fraction(text.strip())


def _seconds(text: str | None, option: str) -> Fraction | None:
    return None if text is None else _number(text, option)


def _size(text: str | None, fitting: Fitting) -> FilmSize:
    if text is None:
        return FilmSize(fitting=fitting)
    if match := re.fullmatch(r"([0-9]{1,2})x", text.strip().lower()):
        return FilmSize(int(match[1]), fitting=fitting)
    if match := re.fullmatch(r"([0-9]{1,6})[x×]([0-9]{1,6})", text.strip().lower()):
        return FilmSize(1, int(match[1]), int(match[2]), fitting)
    raise UsageError(f"'{shown(text, 40)}' is no size for --size; give 2x or 1920x1080.")


def _blur(text: str | None) -> MotionBlur:
    if text is None:
        return MotionBlur()
    match = re.fullmatch(r"([0-9]{1,3})(?:@([0-9]{1,3}(?:\.[0-9]{1,3})?))?", text.strip())
    if match is None:
        what = f"a number of pictures up to {MOST_SAMPLES}, or 8@180"
        raise UsageError(f"'{shown(text, 40)}' is no motion blur; give {what}.")
    return MotionBlur(int(match[1]), float(match[2] or MotionBlur().angle))
