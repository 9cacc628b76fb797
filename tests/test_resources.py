"""The bundled fonts hold what the window draws with them."""

from __future__ import annotations

import pytest
from PIL import ImageFont

import resources
from resources import icons

INTER = [f"fonts/Inter-{style}.ttf" for style in ("Regular", "Medium", "SemiBold")]
TEXT_FONTS = [*INTER, "fonts/JetBrainsMono.ttf"]
ICONS = {name: value for name, value in vars(icons).items() if name.isupper()}
ABSENT = "\U0010fffd"  # no font has it


def open_font(name):
    return ImageFont.truetype(resources.path(name), 32)


def picture(font, character):
    return bytes(font.getmask(character))


@pytest.mark.parametrize("name", INTER)
def test_digits_of_inter_are_of_one_width(name):
    font = open_font(name)
    assert len({font.getlength(character) for character in "0123456789+−"}) == 1


@pytest.mark.parametrize("name", TEXT_FONTS)
@pytest.mark.parametrize("character", "AÄЖΩé×°·…–—−→²⁴₂µ≈≤")
def test_text_fonts_have_the_characters_of_the_interface(name, character):
    font = open_font(name)
    assert picture(font, character) != picture(font, ABSENT)


@pytest.mark.parametrize("icon", ICONS)
def test_every_icon_has_a_glyph(icon):
    font = open_font("fonts/lucide.ttf")
    assert picture(font, ICONS[icon]) != picture(font, ABSENT)


def test_icons_differ():
    assert len(set(ICONS.values())) == len(ICONS)


def test_every_font_has_its_licence():
    for name in ("Inter", "JetBrainsMono", "lucide"):
        assert "Copyright" in resources.path(f"fonts/{name}-LICENSE.txt").read_text(encoding="utf-8")


def test_a_missing_resource_is_named():
    with pytest.raises(FileNotFoundError, match=r"'fonts/none\.ttf' is missing"):
        resources.path("fonts/none.ttf")
