"""Cuts the fonts of this folder and writes `resources/icons.py`; a maintainer runs it, the program never does.

    pip install fonttools==4.68.0 fontpkg-inter==4.1.post1 fontpkg-jetbrains-mono==2.211
    npm pack lucide-static@1.62.0 && tar xzf lucide-static-1.62.0.tgz
    python resources/fonts/bake.py package

Dear ImGui sets no OpenType features and no variable fonts, so weights, optical size and tabular digits are fixed here.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).resolve().parent
ICONS_MODULE = FONTS.parent / "icons.py"

INTER_WEIGHTS = {"Regular": 440, "Medium": 540, "SemiBold": 630}
INTER_OPTICAL_SIZE = 14
MONO_WEIGHT = 430

# What an interface needs of Latin, Greek and Cyrillic, and its symbols.
CHARACTERS = [
    *range(0x20, 0x250),  # Latin
    *range(0x2B0, 0x370),  # modifiers and combining accents
    *range(0x370, 0x400),  # Greek
    *range(0x400, 0x460),  # Cyrillic
    *(0x490, 0x491),  # Ukrainian
    *range(0x1E00, 0x1F00),  # Vietnamese and more Latin
    *range(0x2010, 0x2060),  # dashes, quotes, ellipsis, per mille
    *range(0x2070, 0x20A0),  # superscripts and subscripts
    *range(0x2190, 0x219A),  # arrows
    *map(ord, "€™−√∞≈≠≤≥∆∑∂⌘⇧⌃⌥●"),
]

# Dear ImGui draws these with tabular digits, so that numbers do not jump while they change.
TABULAR = [*range(ord("0"), ord("9") + 1), ord("+"), ord("−")]

ICONS = """
    activity aperture arrow-down arrow-left arrow-right arrow-up audio-lines ban blend book-open box brain brush bug
    camera chart-column chart-line check chevron-down chevron-left chevron-right chevron-up chevrons-down-up
    chevrons-up-down circle circle-alert circle-check circle-dot circle-help circle-play circle-stop circle-x
    clipboard clipboard-copy clipboard-paste clock columns-2 command contrast copy cpu crop crosshair database dices
    diff disc download ellipsis ellipsis-vertical eraser expand external-link eye eye-off file file-image file-text
    file-video film flip-horizontal-2 flip-vertical-2 focus folder folder-open folder-plus folder-up frame funnel
    gauge ghost globe grid-2x2 grid-3x3 grip-vertical hand hard-drive hash heart history house image image-down
    image-plus images info keyboard layers layout-dashboard layout-grid link list list-tree loader-circle locate-fixed
    lock lock-open map maximize maximize-2 memory-stick menu microscope minimize minus monitor moon mouse-pointer move
    move-horizontal move-vertical music package paintbrush palette panel-bottom panel-left panel-right pause pencil pin
    pin-off pipette play plug plus power redo-2 refresh-cw repeat rotate-ccw rotate-cw route ruler save scan scan-eye
    scan-face scan-search search settings share-2 shield-alert shield-check shuffle sigma skip-back skip-forward
    sliders-horizontal sliders-vertical sparkles spline square square-check square-split-horizontal star step-back
    step-forward sun table tag target terminal text timer trash-2 triangle-alert undo-2 unlink upload user video
    wand-sparkles waves waypoints wrench x zap zoom-in zoom-out
"""

ICONS_HEAD = '''"""The icons of fonts/lucide.ttf as characters (Lucide 1.62, lucide.dev); written by fonts/bake.py."""

from __future__ import annotations

from typing import Final

'''


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut the bundled fonts.")
    parser.add_argument("lucide", type=Path, help="the unpacked npm package lucide-static")
    lucide: Path = parser.parse_args().lucide
    bake_inter()
    bake_mono()
    bake_icons(lucide)


def bake_inter() -> None:
    package = package_folder("fontpkg_inter")
    for style, weight in INTER_WEIGHTS.items():
        font = open_font(package / "files" / "Inter[opsz,wght].ttf")
        font = instantiateVariableFont(font, {"wght": weight, "opsz": INTER_OPTICAL_SIZE})
        use_tabular_digits(font)
        name_cut(font, "Inter", style, f"weight {weight}, optical size {INTER_OPTICAL_SIZE}, tabular digits, subset")
        save_subset(font, CHARACTERS, FONTS / f"Inter-{style}.ttf", features=["kern", "mark"])
    shutil.copyfile(package / "LICENSE", FONTS / "Inter-LICENSE.txt")


def bake_mono() -> None:
    package = package_folder("fontpkg_jetbrains_mono")
    font = open_font(package / "files" / "JetBrainsMono[wght].ttf")
    font = instantiateVariableFont(font, {"wght": MONO_WEIGHT})
    name_cut(font, "JetBrains Mono", "Regular", f"weight {MONO_WEIGHT}, no ligatures, subset")
    save_subset(font, CHARACTERS, FONTS / "JetBrainsMono.ttf", features=[])
    shutil.copyfile(package / "LICENSE", FONTS / "JetBrainsMono-LICENSE.txt")


def bake_icons(lucide: Path) -> None:
    codepoints: dict[str, int] = json.loads((lucide / "font" / "codepoints.json").read_text())
    chosen = {name: codepoints[name] for name in sorted(ICONS.split())}
    font = open_font(lucide / "font" / "lucide.ttf")
    save_subset(font, list(chosen.values()), FONTS / "lucide.ttf", features=[])
    lines = [f'{constant_name(name)}: Final = "\\u{codepoint:04x}"\n' for name, codepoint in chosen.items()]
    ICONS_MODULE.write_text(ICONS_HEAD + "".join(lines), encoding="utf-8")
    shutil.copyfile(lucide / "LICENSE", FONTS / "lucide-LICENSE.txt")


def constant_name(icon: str) -> str:
    """grid-3x3 -> GRID_3X3"""
    return icon.upper().replace("-", "_")


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the package {name} is not installed; see the head of this file")
    return Path(spec.origin).parent


def open_font(path: Path) -> TTFont:
    # With the dates left alone, the same inputs give the same bytes.
    return TTFont(path, recalcTimestamp=False)


def use_tabular_digits(font: TTFont) -> None:
    """Let the plain digits, plus and minus show the glyphs of the feature `tnum`."""
    tabular = substitutions(font, "tnum")
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update({c: tabular.get(table.cmap[c], table.cmap[c]) for c in TABULAR if c in table.cmap})


def substitutions(font: TTFont, feature: str) -> dict[str, str]:
    """The single substitutions of an OpenType feature, glyph name to glyph name."""
    layout = font["GSUB"].table
    records = [record for record in layout.FeatureList.FeatureRecord if record.FeatureTag == feature]
    found: dict[str, str] = {}
    for index in {index for record in records for index in record.Feature.LookupListIndex}:
        for subtable in layout.LookupList.Lookup[index].SubTable:
            found.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
    return found


def name_cut(font: TTFont, family: str, style: str, changes: str) -> None:
    """Name the static cut, and say in its version what was changed."""
    names = font["name"]
    version = names.getDebugName(5)
    texts = {1: f"{family} {style}".removesuffix(" Regular"), 2: "Regular", 4: f"{family} {style}"}
    texts |= {5: f"{version}; cut for stylegan-visualizer: {changes}", 6: f"{family} {style}".replace(" ", "-")}
    for name_id, text in texts.items():
        names.setName(text, name_id, 3, 1, 0x409)


def save_subset(font: TTFont, characters: list[int], target: Path, *, features: list[str]) -> None:
    options = Options()
    options.layout_features = features
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # with the licence
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.save(target)


if __name__ == "__main__":
    main()
