"""What libraries warn of is kept off the console."""

from __future__ import annotations

import logging
import warnings

import pytest

from core.base.library_log import library_log, logged


def test_what_libraries_warn_of_and_log_is_kept_off_the_console(capfd: pytest.CaptureFixture[str]):
    with warnings.catch_warnings(), library_log():
        warnings.simplefilter("always")
        for _ in range(3):
            warnings.warn("an array\nthat cannot be written to", UserWarning, stacklevel=1)
        logging.getLogger("numpy.somewhere").warning("slow")
        logging.getLogger("PIL").info("a chunk")
        lines = logged()
    assert len(lines) == 2  # each once
    assert "UserWarning: an array that cannot be written to" in lines[0]
    assert lines[1] == "numpy.somewhere: slow"
    assert capfd.readouterr() == ("", "")
    assert logged() == ()
