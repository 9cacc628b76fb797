"""Classes that are the last numbers of z, where settings in the file tell it."""

from __future__ import annotations

from collections.abc import Mapping

from core.loading.common.checkpoint import Plain, StoredTensor

# What programs call how many numbers are drawn, and how many are a class.
Z_NAMES = ("nz", "z_dim", "zdim", "dim_z", "latent_dim", "latent_size", "noise_dim", "noise_size", "noiseVectorDim")
CLASS_NAMES = ("n_classes", "num_classes", "nclasses", "n_class", "num_class", "label_dim", "categoryVectorDim")


def told_classes(beside: Mapping[str, Plain | StoredTensor], width: int) -> int:
    """How many of the numbers of z are a class, as what stands beside the tensors says; 0: it does not.

    width: of z and the class. Only numbers that add up to it are believed.
    """
    for settings in (beside, *(value for value in beside.values() if isinstance(value, dict))):
        drawn = [settings[name] for name in Z_NAMES if _is_count(settings.get(name))]
        classes = [settings[name] for name in CLASS_NAMES if _is_count(settings.get(name))]
        for count in classes:
            if any(z + count == width for z in drawn):
                return int(count)
    return 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
