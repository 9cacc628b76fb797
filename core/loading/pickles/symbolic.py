"""A pickle reader that runs nothing: opcodes become inert records."""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from dataclasses import dataclass

from core.base.errors import RefusedFile, TruncatedFile
from core.base.progress import Progress, silent
from core.loading.common import policy
from core.loading.pickles.literals import LITERALS, integer
from core.loading.pickles.records import Call, Global, Members, Pairs, Persistent, Record, attribute_named_by

OPCODES_PER_REPORT = 20_000

# The bytes between the start of an opcode and its payload.
BYTES_HEADER = {"SHORT_BINBYTES": 2, "BINBYTES": 5, "BINBYTES8": 9, "BYTEARRAY8": 9}


@dataclass(frozen=True, eq=False)
class Pickle:
    """One pickle, read."""

    root: Record
    end: int  # position after its last byte
    protocol: int
    names: frozenset[Global]
    calls: tuple[Call, ...]
    persistents: tuple[Persistent, ...]


def read_pickle(data: bytes, start: int = 0, *, progress: Progress = silent) -> Pickle:
    """Read the pickle at `start`. Byte strings become views into `data`.

    Raises RefusedFile if it holds what no model file holds, TruncatedFile if the data ends too early.
    """
    stream = io.BytesIO(data)  # shares the bytes
    stream.seek(start)
    machine = _Machine(data)
    position = start
    try:
        for count, (opcode, argument, at) in enumerate(pickletools.genops(stream)):
            assert at is not None  # a BytesIO knows its position
            position = at
            if count >= policy.MAX_OPCODES:
                raise RefusedFile("Refused: structure too large or recursive.")
            if count % OPCODES_PER_REPORT == 0:
                progress("parsing", position - start, len(data) - start, "bytes")
            machine.run(opcode.name, argument, at)
    except (ValueError, OverflowError, Warning) as error:  # of genops; a Warning where they are errors
        if stream.tell() >= len(data):
            raise TruncatedFile(f"The file is truncated or damaged at byte {len(data)}; get it again.") from error
        raise RefusedFile(f"Refused: no readable pickle from byte {position} on: damaged, or not a model.") from error
    except (IndexError, KeyError, TypeError) as error:
        raise _malformed(position) from error
    return machine.finish(stream.tell())


def _malformed(position: int) -> RefusedFile:
    return RefusedFile(f"Refused: malformed structure at byte {position}; the file is damaged, or made to do harm.")


class _Machine:
    """The stack, the marks and the memo of a pickle, holding records only."""

    def __init__(self, data: bytes) -> None:
        self.view = memoryview(data)
        self.stack: list[Record] = []
        self.marks: list[int] = []
        self.memo: dict[int, Record] = {}
        self.protocol = 0
        self.names: dict[tuple[str, str], Global] = {}
        self.calls: list[Call] = []
        self.persistents: list[Persistent] = []

    def run(self, name: str, argument: object, position: int) -> None:
        if name in BYTES_HEADER:
            begin = position + BYTES_HEADER[name]
            self.stack.append(self.view[begin : begin + len(argument)])  # type: ignore[arg-type]  # bytes of genops
        elif (push := LITERALS.get(name)) is not None:
            self.stack.append(push(argument))
        elif (step := _STEPS.get(name)) is not None:
            step(self)
        elif (step_with := _STEPS_WITH_ARGUMENT.get(name)) is not None:
            step_with(self, argument)
        else:
            raise RefusedFile(f"Refused: uses the pickle feature `{name}`, not found in model files.")
        if len(self.stack) + len(self.marks) > policy.MAX_STACK or len(self.memo) > policy.MAX_MEMO:
            raise RefusedFile("Refused: structure too large or recursive.")

    def finish(self, end: int) -> Pickle:
        if len(self.stack) != 1 or self.marks:
            raise _malformed(end)
        names = frozenset(self.names.values())
        return Pickle(self.stack[0], end, self.protocol, names, tuple(self.calls), tuple(self.persistents))

    # ------------------------------------------------------------------------
    # The stack.

    def pop(self) -> Record:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise IndexError("nothing on the stack")
        return self.stack.pop()

    def top(self) -> Record:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise IndexError("nothing on the stack")
        return self.stack[-1]

    def pop_to_mark(self) -> list[Record]:
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def pop_or_unmark(self) -> None:
        if self.marks and len(self.stack) == self.marks[-1]:
            self.marks.pop()
        else:
            self.pop()

    def pop_tuple(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.stack.append(tuple(reversed(items)))

    # ------------------------------------------------------------------------
    # The memo.

    def get(self, index: object) -> None:
        self.stack.append(self.memo[integer(index)])

    def put(self, index: object) -> None:
        if integer(index) < 0:
            raise IndexError("negative memo index")
        self.memo[integer(index)] = self.top()

    def memoize(self) -> None:
        self.memo[len(self.memo)] = self.top()

    # ------------------------------------------------------------------------
    # Containers.

    def append(self, items: list[Record]) -> None:
        match self.top():
            case list() as target:
                target.extend(items)
            case Members(items=members) | Call(items=members):
                members.extend(items)
            case _:
                raise TypeError("not a list")

    def set_items(self, items: list[Record]) -> None:
        if len(items) % 2:
            raise IndexError("a key without a value")
        for key in items[::2]:
            if isinstance(key, str) and len(key) > policy.MAX_KEY:
                raise RefusedFile("Refused: field too large (a key of more than 1024 characters).")
        match self.top():
            case Pairs(pairs=pairs) | Call(pairs=pairs):
                pairs.extend(zip(items[::2], items[1::2], strict=True))
            case _:
                raise TypeError("not a dict")

    def set_item(self) -> None:
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def make_dict(self) -> None:
        items = self.pop_to_mark()
        self.stack.append(Pairs())
        self.set_items(items)

    # ------------------------------------------------------------------------
    # Names and objects.

    def refer(self, module: str, name: str) -> None:
        if (module, name) not in self.names:
            policy.check_name(module, name)
            self.names[module, name] = Global(module, name)
        self.stack.append(self.names[module, name])

    def refer_text(self, argument: object) -> None:
        module, _, name = str(argument).partition(" ")
        self.refer(module, name)

    def refer_stack(self) -> None:
        name, module = self.pop(), self.pop()
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError("a reference that is no text")
        self.refer(module, name)

    def call(self) -> None:
        args, target = self.pop(), self.pop()
        self.add_call(target, args)

    def call_with_keywords(self) -> None:
        keywords, args, target = self.pop(), self.pop(), self.pop()
        if not isinstance(keywords, Pairs) or not isinstance(args, tuple):
            raise TypeError("malformed arguments")
        self.add_call(target, (*args, keywords) if keywords.pairs else args)

    def add_call(self, target: Record, args: Record) -> None:
        if not isinstance(target, (Global, Call)) or not isinstance(args, tuple):
            raise TypeError("a call of a value")
        if isinstance(target, Global) and args:
            policy.check_call(str(target), args[0])
        call = Call(target, args)
        if (attribute := attribute_named_by(call)) is not None:
            return self.refer(*attribute)
        self.calls.append(call)
        self.stack.append(call)

    def build(self) -> None:
        state, target = self.pop(), self.top()
        if not isinstance(target, Call) or target.has_state:
            raise RefusedFile("Refused: malformed object state; the file may be malicious.")
        target.has_state, target.state = True, state

    def persist(self) -> None:
        key = self.pop()
        match key:
            case ("module", Global() as target, *_):  # a class, with its source beside it, in torch's old format
                return self.stack.append(target)
        self.persistents.append(Persistent(key))
        self.stack.append(self.persistents[-1])

    # ------------------------------------------------------------------------
    # The stream.

    def start_protocol(self, version: object) -> None:
        self.protocol = integer(version)
        if self.protocol > 5:
            raise RefusedFile(f"Refused: pickle protocol {self.protocol} is unknown; the file is damaged.")

    def check_frame(self, length: object) -> None:
        if integer(length) > len(self.view):
            raise TruncatedFile("The file is truncated or damaged: it announces more data than it holds; get it again.")


_STEPS: dict[str, Callable[[_Machine], None]] = {
    "STOP": lambda m: None,
    "MARK": lambda m: m.marks.append(len(m.stack)),
    "POP": _Machine.pop_or_unmark,
    "POP_MARK": lambda m: m.pop_to_mark().clear(),
    "DUP": lambda m: m.stack.append(m.top()),
    "MEMOIZE": _Machine.memoize,
    "TUPLE": lambda m: m.stack.append(tuple(m.pop_to_mark())),
    "TUPLE1": lambda m: m.pop_tuple(1),
    "TUPLE2": lambda m: m.pop_tuple(2),
    "TUPLE3": lambda m: m.pop_tuple(3),
    "LIST": lambda m: m.stack.append(m.pop_to_mark()),
    "DICT": _Machine.make_dict,
    "FROZENSET": lambda m: m.stack.append(Members(m.pop_to_mark())),
    "APPEND": lambda m: m.append([m.pop()]),
    "APPENDS": lambda m: m.append(m.pop_to_mark()),
    "ADDITEMS": lambda m: m.append(m.pop_to_mark()),
    "SETITEM": _Machine.set_item,
    "SETITEMS": lambda m: m.set_items(m.pop_to_mark()),
    "STACK_GLOBAL": _Machine.refer_stack,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
    "NEWOBJ_EX": _Machine.call_with_keywords,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persist,
}

_STEPS_WITH_ARGUMENT: dict[str, Callable[[_Machine, object], None]] = {
    "PROTO": _Machine.start_protocol,
    "FRAME": _Machine.check_frame,
    "GLOBAL": _Machine.refer_text,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
}
