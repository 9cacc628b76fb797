"""When the command line asks the web: anew, and for what a saved picture or session names only with leave."""

from __future__ import annotations

import argparse

from core.base.errors import UsageError
from core.project.saved import networks_of
from core.request import RenderRequest
from visualizer.commands.output import note, terminal_progress


def add_fetch_again(parser: argparse.ArgumentParser) -> None:
    what = "fetch NETWORK from its address now, if it is newer there than in the cache"
    parser.add_argument("--fetch-again", action="store_true", help=what)


def fetch_again(options: argparse.Namespace) -> None:
    """Do so if it is asked for. Raises UsageError if NETWORK is no address."""
    if not options.fetch_again:
        return
    from core.opening.web import fetch_again

    if not fetch_again((options.network or "").strip(), terminal_progress()):
        note("The copy in the cache is the newest.")


def add_allow_download(parser: argparse.ArgumentParser) -> None:
    what = "fetch the networks that a session, a picture or --request names, if they are on the web"
    parser.add_argument("--allow-download", action="store_true", help=what)


def check_downloads(request: RenderRequest, options: argparse.Namespace) -> None:
    """Raises UsageError if a request would fetch what neither was named on the command line nor is in the cache."""
    if options.allow_download:
        return
    from core.opening.web import address_of, to_be_fetched

    named = address_of(options.network or "")
    asked = [address for address in to_be_fetched(networks_of(request)) if address.url != named]
    if asked:
        raise UsageError(
            f"This would fetch {', '.join(map(str, asked))} from the web; add --allow-download if you want that."
        )
