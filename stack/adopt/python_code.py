"""What a settings module sets and which variables it reads, from its syntax tree alone.

The app's code is never run: its packages are not installed here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

IMPLICIT = {"db": "DATABASE_URL", "cache": "CACHE_URL", "email": "EMAIL_URL"}
"""Methods of django-environ that read a variable without naming it."""

ENVIRON = {"os.environ", "environ"}
GETTERS = {"os.environ.get", "environ.get", "os.getenv", "getenv"}
METHODS = {
    *(
        "",
        "str",
        "bool",
        "int",
        "float",
        "decimal",
        "json",
        "list",
        "tuple",
        "dict",
        "url",
        "bytes",
    ),
    *("db", "db_url", "dj_db_url", "cache", "cache_url", "email", "email_url", "search_url"),
}
"""Those of django-environ and environs that fail without the variable; an app's own may not."""

NOT_READS = {"read_env", "prefixed", "path", "seal", "dump"}


def parse(file: Path) -> ast.Module:
    """The syntax tree; an empty one for a file that is no Python of this version."""
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return ast.parse("")


def module_file(backend: Path, module: str) -> Path | None:
    """The file of a dotted module below the backend's folder, if it is there."""
    place = backend.joinpath(*module.split("."))
    return next((f for f in (place.with_suffix(".py"), place / "__init__.py") if f.is_file()), None)


def settings_named_by(file: Path) -> str | None:
    """The module that a manage.py, asgi.py or wsgi.py sets as DJANGO_SETTINGS_MODULE."""
    for node in ast.walk(parse(file)):
        match node:
            case ast.Call(args=[ast.Constant("DJANGO_SETTINGS_MODULE"), value]):
                pass
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(name))], value=value):
                if name != "DJANGO_SETTINGS_MODULE":
                    continue
            case _:
                continue
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None


ASSIGNED = re.compile(r"""\bos\.environ\[["']DJANGO_SETTINGS_MODULE["']\]\s*=\s*(["'][\w.]+["'])""")
"""Replaces what the stack names in the environment; `os.environ.setdefault` does not."""


def name_settings_by_default(backend: Path) -> list[str]:
    """In each file of the copy that assigns DJANGO_SETTINGS_MODULE, set a default; their names."""
    changed = []
    for file in sorted(backend.rglob("*.py")):
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
        default = ASSIGNED.sub(r'os.environ.setdefault("DJANGO_SETTINGS_MODULE", \1)', text)
        if default != text:
            file.write_text(default, encoding="utf-8", errors="surrogateescape")
            changed.append(str(file.relative_to(backend)))
    return changed


@dataclass(frozen=True)
class Read:
    """A variable that the settings read; without it and without a default they fail."""

    name: str
    is_required: bool


@dataclass
class Settings:
    """A settings module with what it imports by `*`."""

    backend: Path
    module: str
    files: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        if file := module_file(self.backend, self.module):
            self._add(file)

    def _add(self, file: Path) -> None:
        if file in self.files:
            return
        for imported in self._imported_by(file):
            self._add(imported)
        self.files.append(file)

    def _imported_by(self, file: Path) -> Iterator[Path]:
        for node in ast.walk(parse(file)):
            match node:
                case ast.ImportFrom(module=name, names=[ast.alias("*")], level=level):
                    base = self.backend if not level else file.parents[level - 1]
                    if found := module_file(base, name or "__init__"):
                        yield found
                case ast.Call(func=ast.Name("include"), args=args):  # django-split-settings
                    for arg in args:
                        if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                            yield from sorted(file.parent.glob(arg.value))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return [node for file in self.files for node in ast.walk(parse(file))]

    @cached_property
    def values(self) -> dict[str, list[ast.expr]]:
        """By name, each value that is assigned to it, or to a part of it."""
        found: dict[str, list[ast.expr]] = {}
        for node in self.nodes:
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if name := _root(target):
                        found.setdefault(name, []).append(node.value)
        return found

    @cached_property
    def readers(self) -> set[str]:
        """Names that read a variable when called: django-environ's, decouple's `config`."""
        names = {"env"}
        for node in self.nodes:
            match node:
                case ast.ImportFrom(module="decouple", names=aliases):
                    names |= {a.asname or a.name for a in aliases if a.name == "config"}
                case ast.Assign(targets=[ast.Name(name)], value=ast.Call(func=func)):
                    if dotted(func).rpartition(".")[2] in {"Env", "FileAwareEnv", "AutoConfig"}:
                        names.add(name)
        return names

    def reads_of(self, name: str) -> set[Read]:
        """What the values of a setting read, also by way of other names of the module."""
        return self._reads_of(name, set())

    def reads_of_key(self, name: str, key: str) -> set[Read]:
        """What is read for this key of dictionaries in the values of a setting."""
        found: set[Read] = set()
        for node in (n for value in self.values.get(name, ()) for n in ast.walk(value)):
            if isinstance(node, ast.Dict):
                for each, value in zip(node.keys, node.values, strict=True):
                    if isinstance(each, ast.Constant) and each.value == key:
                        found.update(r for part in ast.walk(value) for r in self._read(part))
        return found

    def _reads_of(self, name: str, seen: set[str]) -> set[Read]:
        seen.add(name)
        found: set[Read] = set()
        for value in self.values.get(name, ()):
            for node in ast.walk(value):
                found.update(self._read(node))
                if isinstance(node, ast.Name) and node.id not in seen:
                    found |= self._reads_of(node.id, seen)
        return found

    def reads(self) -> set[Read]:
        """All of them; a variable with a default somewhere is not required."""
        found = {read for node in self.nodes for read in self._read(node)}
        optional = {read.name for read in found if not read.is_required} | self.declared.keys()
        return {Read(read.name, read.name not in optional) for read in found}

    @cached_property
    def declared(self) -> dict[str, ast.expr]:
        """The types of names with a default in `environ.Env(DEBUG=(bool, False))`."""
        return {
            keyword.arg: keyword.value.elts[0]
            for node in self.nodes
            if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Env"
            for keyword in node.keywords
            if keyword.arg and isinstance(keyword.value, ast.Tuple) and keyword.value.elts
        }

    @cached_property
    def casts_as_default(self) -> bool:
        """Whether `env("DEBUG", default=False)` is a boolean: with django-environ only."""
        names = {
            name
            for node in self.nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in (getattr(node, "module", None), *(alias.name for alias in node.names))
        }
        return "environ" in names and not names & {"environs", "decouple"}

    def _read(self, node: ast.AST) -> Iterator[Read]:
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(str(item)), ctx=ast.Load()):
                if dotted(value) in ENVIRON:
                    yield Read(item, True)
            case ast.Call(func=func, args=args, keywords=keywords):
                reader, _, method = dotted(func).partition(".")
                first = args[0] if args else None
                name = first.value if isinstance(first, ast.Constant) else None
                if dotted(func) in GETTERS and isinstance(name, str):
                    yield Read(name, False)
                elif dotted(func) == "dj_database_url.config":
                    yield Read("DATABASE_URL", False)
                elif reader in self.readers and method not in NOT_READS:
                    name = name or (IMPLICIT.get(method) if not args else None)
                    # The second argument of django-environ's plain `env(…)` is a type.
                    positional = len(args) > (2 if not method and reader == "env" else 1)
                    has_default = positional or any(k.arg == "default" for k in keywords)
                    if isinstance(name, str):
                        yield Read(name, method in METHODS and not has_default)

    def constant(self, name: str) -> object:
        """The last value of a setting where that is written out, else None."""
        values = self.values.get(name)
        try:
            return ast.literal_eval(values[-1]) if values else None
        except ValueError:
            return None

    def texts(self, name: str, *, last: bool = False) -> set[str]:
        """The texts in the values of a setting, or in the last one."""
        return {
            node.value
            for value in self.values.get(name, [])[-1 if last else 0 :]
            for node in ast.walk(value)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }


def _root(target: ast.expr) -> str:
    """`DATABASES` of the target `DATABASES["default"]["NAME"]`."""
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """`os.environ.get` of such an expression; empty for another one."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, name):
            base = dotted(value)
            return f"{base}.{name}" if base else ""
    return ""
