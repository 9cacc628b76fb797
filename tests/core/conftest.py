"""Fixtures of the tests of the core."""

from __future__ import annotations

import pytest

from core.base.errors import CheckpointError, RefusedFile
from core.loading import read_checkpoint


@pytest.fixture
def refused(tmp_path):
    """Checks that bytes are refused, and gives the sentence."""

    def check(data: bytes, kind: type[CheckpointError] = RefusedFile) -> str:
        path = tmp_path / "network.pkl"
        path.write_bytes(data)
        with pytest.raises(kind) as caught:
            read_checkpoint(path)
        sentence = str(caught.value)
        assert sentence.isprintable()
        assert len(sentence) < 400
        return sentence

    return check
