"""Networks of related families, told apart so that none is opened as what it is not."""

from __future__ import annotations

from typing import NoReturn

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.loading.common.checkpoint import Node, SavedNetwork
from core.loading.formats.snapshot import Module
from core.request import ModelInfo
from core.synthesis.generator import Generator

CLASSES = {
    "TriPlaneGenerator": "an EG3D network, which draws in three dimensions",
}


class UnsupportedFamily:
    """Recognises them and says what they are."""

    key = ""

    def detect(self, content: Node | SavedNetwork) -> bool:
        return isinstance(content, Node) and _kind(content) is not None

    def describe(self, content: Node | SavedNetwork) -> ModelInfo:
        _refuse(content)

    def build(self, content: Node | SavedNetwork) -> tuple[Generator, tuple[str, ...]]:
        _refuse(content)

    def save(self, generator: Generator) -> SavedNetwork | None:
        return None

    def snapshot(self, generator: Generator) -> Module | None:
        return None


def _kind(node: Node) -> str | None:
    if node.class_name in CLASSES:
        return CLASSES[node.class_name]
    if "backbone" in node.children and "renderer" in node.children:
        return CLASSES["TriPlaneGenerator"]
    return None


def _refuse(content: Node | SavedNetwork) -> NoReturn:
    kind = _kind(content) if isinstance(content, Node) else None
    if kind is None:
        raise UnsupportedFile(f"This is a network of an unknown kind, `{shown(_name(content))}`; it cannot be opened.")
    raise UnsupportedFile(f"This is {kind}; it cannot be opened; the README lists what can.")


def _name(content: Node | SavedNetwork) -> str:
    return content.class_name if isinstance(content, Node) else content.family
