"""The operations that the generators are made of, in plain torch. Importing this package does not import torch."""

from .report import BackendReport, backends

__all__ = ["BackendReport", "backends"]
