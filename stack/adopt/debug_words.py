"""The words that an app's settings read as DEBUG on and off, from their syntax tree alone.

The stack gives `True` and `False`. `bool(os.environ["DEBUG"])` reads both as on, `int(…)` reads
neither, and `os.environ["DEBUG"] == "1"` reads both as off. So each value of DEBUG is evaluated for
candidates, by the functions that settings use for it; one that calls others is not known.
"""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

from stack.adopt.backend import GIVEN
from stack.adopt.python_code import ENVIRON, GETTERS, Settings, dotted

ON = ("True", "1", "true", "yes", "on", "TRUE", "YES", "ON", "t", "y", "T", "Y")
OFF = ("False", "0", "", "false", "no", "off", "FALSE", "NO", "OFF")
"""The words, with the stack's own first."""

Value = bool | None | str
"""What DEBUG becomes: on, off, not known, or an error's name."""

TRUE, FALSE = {"y", "yes", "t", "true", "on", "1"}, {"n", "no", "f", "false", "off", "0"}

COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
METHODS = {"lower", "upper", "strip", "title", "capitalize", "casefold"}


class NotKnown(Exception):
    """The value is made by what is not evaluated here."""


def words(settings: Settings) -> dict[str, dict[str, str]]:
    """By variable that DEBUG reads: the words to give in place of `True` and `False`.

    Empty where the settings understand those, or where no words are known.
    """
    names = _names(settings)
    on = (word for word in ON if _means(settings, names, word, True))
    off = (word for word in OFF if _means(settings, names, word, False))
    found = {"True": next(on, "True"), "False": next(off, "False")}
    return {name: found for name in names if any(word != own for own, word in found.items())}


def is_never_off(settings: Settings) -> bool:
    """Whether DEBUG reads a variable and is on for each word: `os.environ.get("DEBUG") != None`."""
    names = _names(settings)
    return bool(names) and not any(_means(settings, names, word, False) for word in OFF)


def _names(settings: Settings) -> list[str]:
    return sorted({read.name for read in settings.reads_of("DEBUG")} & GIVEN["DEBUG"])


def _means(settings: Settings, names: list[str], word: str, wanted: bool) -> bool:
    """Whether a word sets DEBUG so, wherever the settings set it by one of the variables."""
    given = dict.fromkeys(names, word)
    values = [_evaluated(settings, value, given) for value in settings.values.get("DEBUG", ())]
    return all(value in {wanted, None} for value in values)


def _evaluated(settings: Settings, value: ast.expr, given: Mapping[str, str]) -> Value:
    evaluation = Evaluation(settings, given)
    try:
        found = bool(evaluation.of(value))
    except NotKnown:
        return None
    except (LookupError, SyntaxError, TypeError, ValueError) as error:
        return type(error).__name__
    return found if evaluation.has_read else None


def truth(text: str) -> bool:
    """As `strtobool`, and as the boolean methods of django-environ, environs and decouple."""
    if text.lower() not in TRUE | FALSE:
        raise ValueError(text)
    return text.lower() in TRUE


CASTS: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "loads": json.loads,
    "literal_eval": ast.literal_eval,
    "eval": ast.literal_eval,
    "strtobool": truth,
}


class Evaluation:
    """One evaluation, with `given` as the environment."""

    def __init__(self, settings: Settings, given: Mapping[str, str]) -> None:
        self.settings, self.given = settings, given
        self.has_read = False
        self.resolving: set[str] = set()

    def of(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Tuple(items) | ast.List(items) | ast.Set(items):
                return [self.of(item) for item in items]
            case ast.Name(name):
                return self._named(name)
            case ast.UnaryOp(ast.Not(), operand):
                return not self.of(operand)
            case ast.BoolOp(op, values):
                return self._joined(values, stops_at=isinstance(op, ast.Or))
            case ast.IfExp(test, body, orelse):
                return self.of(body if self.of(test) else orelse)
            case ast.Compare(left, [op], [right]) if type(op) in COMPARED:
                return COMPARED[type(op)](self.of(left), self.of(right))
            case ast.Subscript(value, key) if dotted(value) in ENVIRON:
                return self._read(self.of(key), None)
            case ast.Call(func, args, keywords):
                return self._called(func, args, {k.arg: k.value for k in keywords if k.arg})
        raise NotKnown

    def _named(self, name: str) -> Any:
        values = self.settings.values.get(name)
        if not values or name in self.resolving:
            raise NotKnown
        self.resolving.add(name)
        return self.of(values[-1])

    def _joined(self, values: list[ast.expr], *, stops_at: bool) -> Any:
        for value in values:
            found = self.of(value)
            if bool(found) is stops_at:
                break
        return found

    def _read(self, name: object, default: ast.expr | None) -> Any:
        if name in self.given:
            self.has_read = True
            return self.given[str(name)]
        if default is None:
            raise NotKnown  # another variable
        return self.of(default)

    def _called(self, func: ast.expr, args: list[ast.expr], named: dict[str, ast.expr]) -> Any:
        path = dotted(func)
        last = path.rpartition(".")[2]
        if path in GETTERS and args:
            return self._read(self.of(args[0]), args[1] if args[1:] else named.get("default"))
        if path.partition(".")[0] in self.settings.readers and args:
            return self._cast(path.partition(".")[2], args, named)
        if last in CASTS and len(args) == 1 and not named:
            return CASTS[last](self.of(args[0]))
        if isinstance(func, ast.Attribute) and func.attr in METHODS and not args:
            return getattr(self.of(func.value), func.attr)()
        raise NotKnown

    def _cast(self, method: str, args: list[ast.expr], named: dict[str, ast.expr]) -> Any:
        """What `env.bool("DEBUG")`, `env("DEBUG")` or `config("DEBUG", cast=int)` give."""
        name, default = self.of(args[0]), named.get("default")
        text = self._read(name, default)
        cast = named.get("cast", args[1] if args[1:] else None)
        if cast and not isinstance(cast, ast.Name):
            raise NotKnown
        kind = method or (dotted(cast) if cast else "")
        if not kind and name in self.settings.declared:
            kind = dotted(self.settings.declared[name])
        if not kind and isinstance(default, ast.Constant) and self.settings.casts_as_default:
            kind = type(default.value).__name__
        if (kind or "str") not in {"bool", "int", "float", "str", "json"}:
            raise NotKnown
        if not isinstance(text, str):
            return text  # the default
        readers = {**CASTS, "bool": truth, "json": json.loads}
        return readers[kind or "str"](text)
