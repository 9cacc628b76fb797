"""Whole numbers of files."""

from __future__ import annotations

import json
import math

from core.base.whole import is_whole


def test_true_and_false_are_no_numbers():
    assert is_whole(json.loads("1"))
    assert is_whole(-(2**70))
    assert not any(map(is_whole, (*json.loads("[true, false, 1.0, null]"), "1", math.inf)))
