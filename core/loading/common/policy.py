"""What a file may hold: limits, names that no model file contains, and settings that make sense.

Nothing of a file is ever imported or called, whatever it names. The names here only decide what a user is told.
"""

from __future__ import annotations

from core.base.errors import RefusedFile
from core.base.text import shown
from core.base.whole import is_whole

# ----------------------------------------------------------------------------
# Limits.

MAX_FILE_BYTES = 16 * 2**30
MAX_OPCODES = 5_000_000
MAX_STACK = 10_000
MAX_MEMO = 2_000_000
MAX_STRING = 16 * 2**20  # characters
MAX_NUMBER_BITS = 512  # of a whole number: states of random generators have 128
MAX_KEY = 1024  # characters of a dict key, or of a name
MAX_DEPTH = 100  # nesting of values
MAX_VALUES = 1_000_000  # interpreted values of one network, shared ones counted each time
MAX_SMALL_ARRAY = 4096  # elements of a numpy array that may be an attribute
MAX_RANK = 8  # dimensions of a tensor
MAX_ELEMENTS = 2**31  # of one tensor
MAX_EXPANSION = 4  # elements of a tensor / elements of its storage
MAX_ENTRIES = 100_000  # of a zip archive
MAX_HEADER_BYTES = 64 * 2**20  # of a safetensors file
MAX_STORAGE_HEADER = 2**16  # bytes before the data of a nested storage

# ----------------------------------------------------------------------------
# Names: modules with everything below them, and single names.

PROCESSES = "os posix nt subprocess pty commands multiprocessing asyncio webbrowser"
CODE = "code codeop runpy importlib imp pkgutil zipimport marshal joblib"
LOADERS = """
    pickle _pickle cPickle shelve torch.serialization torch.jit torch._C torch.package torch.load numpy.load numpy.lib
    numpy.testing numpy.f2py yaml pandas.io pandas.eval pandas.read_pickle pandas.core.computation sklearn.externals
    dill.load dill.loads dill._dill.load dill._dill.loads dill._dill._create_filehandle dill.dill.load dill.dill.loads
    dill.dill._create_filehandle
    cloudpickle.load cloudpickle.loads cloudpickle.cloudpickle.load cloudpickle.cloudpickle.loads
"""
NETWORK_AND_FILES = """
    torch.hub torch.utils.cpp_extension torch.utils._config_module torch.distributed.run torch.distributed.launch
    torch.distributed.launcher torch.distributed.elastic torch.distributed.rpc torch._inductor torch._dynamo urllib
    requests http socket ftplib smtplib shutil pathlib tempfile glob io _io fileinput logging.config ctypes cffi
    platform.popen
"""
INTERPRETER = """
    gc sys signal threading pip setuptools distutils idlelib lib2to3 doctest timeit cProfile profile pdb bdb trace
    turtle turtledemo venv ensurepip
"""
BUILTINS = """
    eval exec compile __import__ delattr open input breakpoint globals locals vars apply execfile memoryview map filter
    zip
"""

# Inside of those modules: plain data, and functions of networks that do nothing else.
DATA = """
    urllib.parse.ParseResult urllib.parse.SplitResult io.BytesIO io.StringIO _io.BytesIO _io.StringIO
    torch._C.Generator torch._C.Size torch._C._VariableFunctions torch._C._VariableFunctionsClass torch._C._nn
    torch._dynamo.eval_frame.OptimizedModule signal.Signals http.HTTPStatus
"""
PATHS = "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath"
INERT = """
    torch._C._nn torch._C._VariableFunctions torch._C._VariableFunctionsClass torch._C._distributed_c10d signal.Signals
    http.HTTPStatus
"""
OWN = ("code", "commands", "trace", "profile")  # modules of Python, but as packages those of other programs

BUILTIN_MODULES = ("builtins", "__builtin__")
REFUSED = frozenset(
    [
        *f"{PROCESSES} {CODE} {LOADERS} {NETWORK_AND_FILES} {INTERPRETER}".split(),
        *(f"{module}.{name}" for module in BUILTIN_MODULES for name in BUILTINS.split()),
    ]
)
HARMLESS = frozenset(
    [*DATA.split(), *(f"{module}.{name}" for module in ("pathlib", "pathlib._local") for name in PATHS.split())]
)
HARMLESS_MODULES = frozenset(INERT.split())


def check_name(module: str, name: str) -> None:
    """Raises RefusedFile if no honest model file refers to this name."""
    if not name or not module or max(len(module), len(name)) > MAX_KEY:
        raise RefusedFile(f"Refused: unexpected reference `{shown(module, 80)}` → `{shown(name, 80)}`.")
    whole = f"{module}.{name}"
    parts = whole.split(".")
    beginnings = {".".join(parts[: i + 1]) for i in range(len(parts))}
    harmless = whole in HARMLESS or module in HARMLESS_MODULES or ("." in module and parts[0] in OWN)
    if harmless or not beginnings & REFUSED:
        return
    if "." in name:
        raise RefusedFile(f"Refused: unexpected reference `{shown(module, 80)}` → `{shown(name, 80)}`.")
    raise RefusedFile(
        f"Refused: the file asks Python to run `{shown(module, 80)}.{shown(name, 80)}`. "
        "Model files never need this; it may be malicious."
    )


# dill writes constants as texts that it evaluates.
EVALUATED = ("dill._dill._eval_repr", "dill.dill._eval_repr")
EVALUATED_CONSTANTS = ("Ellipsis", "NotImplemented", "None")


def check_call(target: str, argument: object) -> None:
    """Raises RefusedFile if a call with this first argument would do harm, although honest files have such calls."""
    if target.endswith(".bytearray") and isinstance(argument, int):
        raise RefusedFile("Refused: the file asks for a block of memory (`bytearray`); it may be malicious.")
    if target in EVALUATED and argument not in EVALUATED_CONSTANTS:
        raise RefusedFile("Refused: the file asks Python to evaluate a text; it may be malicious.")


# ----------------------------------------------------------------------------
# Settings of a generator: name -> smallest and largest value that makes sense.

SETTINGS = {
    "img_resolution": (4, 4096),
    "resolution": (4, 4096),
    "img_channels": (1, 8192),
    "in_channels": (0, 8192),
    "out_channels": (1, 8192),
    "in_features": (1, 110_000),
    "out_features": (1, 110_000),
    "z_dim": (0, 8192),
    "w_dim": (1, 8192),
    "c_dim": (0, 100_000),
    "num_ws": (1, 256),
    "num_layers": (0, 64),
}


def check_setting(name: str, value: object) -> None:
    """Raises RefusedFile if a number is far outside of what any network has."""
    if name not in SETTINGS or not is_whole(value):
        return
    low, high = SETTINGS[name]
    if not low <= value <= high:
        raise RefusedFile(f"Unreasonable setting `{name}` = {value}: it should be within {low} … {high}.")
