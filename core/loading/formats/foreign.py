"""Files of other kinds that people try to open, told by their first bytes and by the names in archives."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from core.base.errors import TruncatedFile, UnsupportedFile
from core.base.text import shown

PROMISE = "networks are .pkl, .pt or .safetensors files"
UNPACK = "unpack it first and open the file inside"
TRAINED = "it cannot be opened; open the checkpoint that it was exported from"
NVIDIA = "it cannot be opened; use the .pkl file of NVIDIA's code"
NETWORKS = (".pkl", ".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".model", ".tar")
MAX_LISTED = 5

# First bytes, what they mean, what to do.
STARTS = (
    (b"version https://git-lfs", "a git-LFS pointer, not the network itself", "run `git lfs pull` or download it"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras and TensorFlow write them (.h5)", f"it cannot be opened; {PROMISE}"),
    (b"\xfd7zXZ", "compressed with xz", UNPACK),
    (b"BZh", "compressed with bzip2", UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstandard", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"\x89PNG", "a picture (PNG)", PROMISE),
    (b"\xff\xd8\xff", "a picture (JPEG)", PROMISE),
    (b"GIF8", "a picture (GIF)", PROMISE),
    (b"BM", "a picture (BMP)", PROMISE),
    (b"II*\0", "a picture (TIFF)", PROMISE),
    (b"MM\0*", "a picture (TIFF)", PROMISE),
    (b"\x1a\x45\xdf\xa3", "a video (Matroska or WebM)", PROMISE),
    (b"%PDF", "a PDF document", PROMISE),
    (b"\x93NUMPY", "a numpy array, not a network", f"open a network first, then the array as its latent; {PROMISE}"),
    (b"MATLAB", "a MATLAB file", f"it cannot be opened; {PROMISE}"),
    (b"GGUF", "a GGUF file of a language model", PROMISE),
    (b"\x7fELF", "a program or a library", PROMISE),
    (b"MZ", "a program or a library", PROMISE),
    (b"PK\x05\x06", "an empty zip archive", "get it again"),
    (b"model_checkpoint_path:", "the list of a TensorFlow checkpoint", NVIDIA),
)
# The same, at a place further on.
INSIDE = (
    (4, b"TFL3", "a TensorFlow Lite model", TRAINED),
    (4, b"ftyp", "a video (MP4)", PROMISE),
    (8, b"WEBP", "a picture (WebP)", PROMISE),
)
TENSORFLOW_PARTS = (".index", ".meta")
MESSAGE_PACK = frozenset((*range(0x81, 0x90), 0xDE, 0xDF))  # first bytes of a dict in MessagePack


def refuse_foreign(head: bytes, name: str = "") -> None:
    """Raises CheckpointError if the first bytes say that this is no network. name: of the file."""
    if not head:
        raise TruncatedFile("The file is empty; get it again.")
    for start, what, advice in STARTS:
        if head.startswith(start):
            raise UnsupportedFile(f"This is {what}; {advice}.")
    for place, mark, what, advice in INSIDE:
        if head[place : place + len(mark)] == mark:
            raise UnsupportedFile(f"This is {what}; {advice}.")
    if (kind := _protobuf(head, name.lower())) is not None:
        raise UnsupportedFile(f"This is {kind}.")
    if ".data-00000-of-" in name or name.endswith(TENSORFLOW_PARTS):
        raise UnsupportedFile("This is part of a TensorFlow checkpoint, which cannot be opened; use the .pkl file.")
    if head[0] in MESSAGE_PACK and head[1:2] and (0xA1 <= head[1] < 0xC0 or head[1] in (0xD9, 0xDA) or head[0] >= 0xDE):
        raise UnsupportedFile(f"This is a file of JAX or Flax (MessagePack), which cannot be opened; {PROMISE}.")


def unknown(head: bytes) -> UnsupportedFile:
    """The error about a file of which no reader knows anything."""
    opens = "this program opens .pkl, .pt and .safetensors"
    text = head.decode("utf-8", "ignore")
    if text and all(character.isprintable() or character.isspace() for character in text):
        kind = "JSON" if text.lstrip()[:1] in ("{", "[") else "text"
        return UnsupportedFile(f"This is no network file but {kind}, `{shown(text.strip()[:60], 60)}`; {opens}.")
    return UnsupportedFile(f"This is no network file that this program knows; {opens}.")


def foreign_archive(names: Iterable[str]) -> str:
    """What a zip archive is in which there is no network of torch, and what to do. names: of all that is in it."""
    files = [name for name in names if not name.endswith("/")]
    listed = ", ".join(f"`{shown(name, 60)}`" for name in files[:MAX_LISTED])
    more = f" and {len(files) - MAX_LISTED} more" if len(files) > MAX_LISTED else ""
    last = {PurePath(name).name for name in files}
    if files and all(name.endswith(".npy") for name in files):
        return f"This is an archive of numpy arrays ({listed}{more}), not a network; use it as a latent of one."
    if "model.weights.h5" in last:
        return f"This is a Keras model, which cannot be opened; {PROMISE}."
    if "saved_model.pb" in last:
        return f"This is a TensorFlow SavedModel; {NVIDIA}."
    if "serialized_exported_program.json" in last or "archive_format" in last:
        return f"This is a program exported by torch.export; {TRAINED}."
    if not any(name.lower().endswith(NETWORKS) for name in files):
        return f"This is a zip archive of files ({listed}{more}), none of which is named like a network; {PROMISE}."
    return f"This is a zip archive of files ({listed}{more}); unpack it and open the network inside."


def _protobuf(head: bytes, name: str) -> str | None:
    """Which of the formats made of protocol buffers it is: they all begin with the number of a version."""
    if name.endswith(".onnx"):
        return f"an ONNX file; {TRAINED}"
    if name.endswith((".mlmodel", ".mlpackage")):
        return f"a Core ML model; {TRAINED}"
    if name.endswith((".pb", ".pbtxt")):
        return f"a TensorFlow graph or SavedModel; {NVIDIA}"
    if head[:1] != b"\x08" or len(head) < 3:
        return None
    version, field, length = head[1], head[2], head[3] if len(head) > 3 else 0
    producer = head[4 : 4 + min(length, 8)]
    if field in (0x1A, 0x22, 0x3A, 0x42) or (field == 0x12 and producer and producer.isascii() and producer[0] >= 0x20):
        return f"an ONNX file; {TRAINED}"
    if version == 1 or field != 0x12:
        return f"a TensorFlow checkpoint or graph; {NVIDIA}"
    return f"a Core ML model; {TRAINED}"
