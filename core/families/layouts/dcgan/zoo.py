"""DCGAN as pytorch_GAN_zoo stores it: names without numbers of their own, and the loss beside them."""

from __future__ import annotations

from core.families.architectures.dcgan import saved_network
from core.families.common.records import MAX_LAYERS
from core.families.common.tensor_renaming import Foreign
from core.loading.common.checkpoint import Plain, SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork

FIRST, NORM, UP, LAST = "formatLayer", "main.batchNorm{}", "main.convTranspose{}", "main.outlayer"
SIGNS = {f"{FIRST}.weight", f"{LAST}.weight"}
BOUNDED = ("DCGAN", "MSE")  # the losses whose generators end in a tanh
ONLY_TRAINING = "The smoothed copy `avgG` is missing from this file: the training generator `netG` was loaded."


class ZooDcGanLayout:
    """The loss tells whether a tanh ends it."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and content.tensors.keys() >= SIGNS

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, "a DCGAN of pytorch_GAN_zoo", ())
        norms = file.count(NORM + ".weight", MAX_LAYERS)
        layers = [name.format(i) for i in range(1, norms) for name in (UP, NORM)]
        modules = [FIRST, NORM.format(0), *layers, LAST]
        tanh = _loss(content.beside.get("config")) in BOUNDED
        saved = saved_network(content, file, modules, tanh=tanh)
        return saved, (ONLY_TRAINING,) if content.wrapper == "netG" else ()


def _loss(settings: Plain | StoredTensor) -> Plain:
    return settings.get("lossCriterion") if isinstance(settings, dict) else None
