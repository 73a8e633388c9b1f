"""Sentences with a code: the page and notifications say the same in other languages.

A sentence is its English text, and remembers the template and the values that it was made of. So
it passes through everything that takes text, and can be composed anew in the reader's language. A
value is a name or a number, which no language changes, or itself a sentence or several.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Formatter
from typing import Any, NamedTuple, Self

Params = dict[str, Any]


class Sentence(str):
    """English text with its `code` and `params`; both are empty for text of another origin."""

    __slots__ = ("code", "params")
    code: str
    params: Params

    def __new__(cls, text: str = "", code: str = "", params: Params | None = None) -> Self:
        self = super().__new__(cls, text)
        self.code, self.params = code, params or {}
        return self

    def __str__(self) -> str:
        return self  # an exception's text remains a sentence

    @property
    def facts(self) -> dict[str, Any] | None:
        """`{"code": …, "params": {…}}`, with the sentences in it as the same; None without."""
        if not self.code:
            return None
        params = {name: _facts_of(value) for name, value in self.params.items()}
        return {"code": self.code, "params": params}

    @property
    def stored(self) -> str:
        """The facts as JSON, as `restored` takes them; "" without."""
        return json.dumps(self.facts, ensure_ascii=False) if self.code else ""


NOTHING = Sentence()
"""The detail of an event that has none."""


class Template(NamedTuple):
    """The English of a code, with `{names}` of its values."""

    code: str
    text: str

    @property
    def names(self) -> list[str]:
        """The names of its values, in the order of the text."""
        return names_of(self.text)

    def __call__(self, **params: Any) -> Sentence:
        """Return the sentence; raises KeyError where a value is missing."""
        return Sentence(filled(self.text, params), self.code, params)


class Catalog(dict[str, Template]):
    """The templates of one purpose, by code."""

    def add(self, code: str, text: str) -> Template:
        """Return a new template; a code has one text."""
        if code in self:
            raise ValueError(f"{code} has a text already.")
        self[code] = Template(code, text)
        return self[code]

    def add_all(self, texts: Mapping[str, str], begin: str = "") -> dict[str, Template]:
        """Return a new template for each text, by its key; `begin` begins their codes."""
        return {key: self.add(f"{begin}{key}", text) for key, text in texts.items()}


FACTS = Catalog()
"""What the history says, and notifications of it."""

FAULTS = Catalog()
"""What is wrong with a field of a request."""


def names_of(text: str) -> list[str]:
    """Return the `{names}` in a template's text."""
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def filled(text: str, params: Mapping[str, Any]) -> str:
    """Return a template's text with its values; several are listed with commas."""
    return text.format_map({name: _text_of(value) for name, value in params.items()})


def restored(text: str, stored: str) -> Sentence:
    """Return the sentence of an event's text and its `stored` facts."""
    if not stored:
        return Sentence(text)
    facts = json.loads(stored)
    return Sentence(text, facts["code"], {k: _value(v) for k, v in facts["params"].items()})


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, dict):
        inner = {name: _value(one) for name, one in value["params"].items()}
        template = FACTS.get(value["code"])
        return template(**inner) if template else Sentence("", value["code"], inner)
    return value


def _text_of(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _facts_of(value: Any) -> Any:
    if isinstance(value, list):
        return [_facts_of(one) for one in value]
    if isinstance(value, Sentence):
        return value.facts or str.__str__(value)
    return value
