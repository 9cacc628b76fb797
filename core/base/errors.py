"""The exceptions a user can meet, each with one sentence that says what, why and what to do.

    VisualizerError
    +-- UsageError            an argument or a setting that cannot be used
    +-- CheckpointError       a file that cannot be opened as a network
    |   +-- RefusedFile       it looks malicious or damaged on purpose; nothing in it was run
    |   +-- TruncatedFile     it ends too early
    |   +-- UnsupportedFile   it was recognised, but this program cannot open its kind (yet)
    +-- DownloadError         a URL did not give a file
    +-- RenderError           a request that could not be turned into a picture
    |   +-- OutOfMemory       the device has too little memory for it
    |   +-- BadOutput         the network gave NaN or infinity
    |   +-- DeviceError       the device is absent or has no kernels for this build of torch
    |   +-- NetworkMoved      its network went to another device meanwhile
    +-- CaptureError          a picture or a video that could not be written
    +-- WindowError           no window can be opened here
    Cancelled                 the user stopped the work; not a failure
"""

from __future__ import annotations


class VisualizerError(Exception):
    """An error whose text can be shown to a user as it is."""


class UsageError(VisualizerError):
    """An argument or a setting that cannot be used."""


class CheckpointError(VisualizerError):
    """A file that cannot be opened as a network."""


class RefusedFile(CheckpointError):
    """The file asks for more than data, or its structure is malformed on purpose."""


class TruncatedFile(CheckpointError):
    """The file ends before its contents do."""


class UnsupportedFile(CheckpointError):
    """The file was recognised, but its kind cannot be opened."""


class DownloadError(VisualizerError):
    """A URL that did not give a file."""


class RenderError(VisualizerError):
    """A request that could not be turned into a picture."""


class OutOfMemory(RenderError):
    """The device has too little memory for the request."""


class BadOutput(RenderError):
    """The network gave NaN or infinity."""


class DeviceError(RenderError):
    """The device is absent, or has no kernels in this build of torch."""


class NetworkMoved(RenderError):
    """The network went to another device while something was made with it."""


class CaptureError(VisualizerError):
    """A picture or a video that could not be written."""


class WindowError(VisualizerError):
    """No window can be opened on this machine."""


class Cancelled(Exception):
    """The user stopped the work."""
