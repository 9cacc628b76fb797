"""Numbers as users type them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
MAX_TYPED_LENGTH = 64


def parse_number(text: str) -> float | None:
    """The value of a typed number or of a sum or product of numbers, "0.7*2"; None if it is neither or not finite."""
    text = text.strip().replace("−", "-").replace("·", "*").replace(",", ".")
    if len(text) > MAX_TYPED_LENGTH or not re.fullmatch(r"[-+*/().eE\d\s]+", text, re.ASCII):
        return None
    try:
        value = float(_evaluate(ast.parse(text, mode="eval").body))
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError):
        return None
    return value if abs(value) < float("inf") else None


def _evaluate(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(left), _evaluate(right))
    raise ValueError
