"""Everything in a request that can be turned: one table, its paths, and what differs by it. Imports no torch."""

from .changes import Change, describe_change, diff, letter_of, source_name, where
from .hidden import latent_hidden, layer_hidden, psi_hidden, source_hidden
from .lenses import DEFAULTS, At, Key, Lens
from .parameter import Axis, Flag, Interpolation, Parameter
from .parts import changed, matched, reset
from .paths import Place, Setting, everywhere, place_of, positions, setting_of, with_setting
from .table import BY_PATH, PARAMETERS, WITHOUT

__all__ = [
    "BY_PATH",
    "DEFAULTS",
    "PARAMETERS",
    "WITHOUT",
    "At",
    "Axis",
    "Change",
    "Flag",
    "Interpolation",
    "Key",
    "Lens",
    "Parameter",
    "Place",
    "Setting",
    "changed",
    "describe_change",
    "diff",
    "everywhere",
    "latent_hidden",
    "layer_hidden",
    "letter_of",
    "matched",
    "place_of",
    "positions",
    "psi_hidden",
    "reset",
    "setting_of",
    "source_hidden",
    "source_name",
    "where",
    "with_setting",
]
