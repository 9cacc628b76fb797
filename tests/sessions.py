"""Session files as early versions wrote them: the request alone."""

from __future__ import annotations

from pathlib import Path

from core.documents.document import to_text
from core.request import Origin, RenderRequest


def save_request(path: Path, request: RenderRequest, origin: Origin | None = None) -> None:
    """Write such a file."""
    path.write_text(to_text(request, origin) + "\n")
