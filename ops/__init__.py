"""The operations that the generators are made of, each with several backends. Importing this imports no torch.

`upfirdn2d`, `bias_act` and the other modules here are the operations: a function makes one call of its arguments, and
the first backend that can runs it. `base` says what a call is; `torch_backend` runs all of them, `native` (C++ on the
CPU) and `cuda` run most of them faster. Imports go one way: `base` <- `torch_backend`, `native`, `cuda` <- operations.
"""

from .report import BackendReport, backends

__all__ = ["BackendReport", "backends"]
