"""The operations that the generators are made of, each with several backends. Importing this imports no torch."""

from .report import BackendReport, backends

__all__ = ["BackendReport", "backends"]
