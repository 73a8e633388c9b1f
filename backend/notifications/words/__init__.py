"""Notifications in the language of whom they go to; English is that of the sentences themselves.

Each language is a dictionary from the code of a sentence to its text. `tests/test_words.py` holds
it to the codes that a notification can have, and to their values.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from core.sentences import Sentence, filled
from notifications.words.de import WORDS as GERMAN
from notifications.words.es import WORDS as SPANISH
from notifications.words.fr import WORDS as FRENCH
from people.models import Person

WORDS: Mapping[str, Mapping[str, str]] = {"de": GERMAN, "fr": FRENCH, "es": SPANISH}


def language_of(person: Person | None) -> str:
    """Return the language that a person has chosen, else the installation's."""
    return (person.language if person else "") or str(settings.ALARM_LANGUAGE)


def said_in(language: str, sentence: str) -> str:
    """Return a sentence in a language; in English where the language has none for its code."""
    if not isinstance(sentence, Sentence):
        return sentence
    text = WORDS.get(language, {}).get(sentence.code)
    if text is None:
        return str.__str__(sentence)
    return filled(text, {name: _value_in(language, v) for name, v in sentence.params.items()})


def _value_in(language: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_value_in(language, one) for one in value]
    return said_in(language, value) if isinstance(value, Sentence) else value
