"""The benchmarks run in a process that is set up as the program's own."""

from __future__ import annotations

from core.base.process import prepare_process

prepare_process()
