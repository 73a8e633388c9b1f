"""How an attempt to send can fail. The texts are for people and hold no secret."""

from core.sentences import FAULTS, Sentence


class _Failure(Exception):
    """Its sentence says why, by code where that is shown at a field or in a notification."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence if isinstance(sentence, Sentence) else Sentence(sentence)
        super().__init__(sentence)


class Failed(_Failure):
    """It was not sent; a later attempt may succeed."""


class Gone(_Failure):
    """The target does not exist any more."""


class Refused(_Failure):
    """The URL or the subscription cannot be used, now or later."""


# A service's address, at its field.
NAMES_A_FILE = FAULTS.add(
    "url_names_a_file", "The parameter {name} names a file on the panel: leave it out."
)
HAS_A_FILE = FAULTS.add("url_has_a_file", "The URL names a file on the panel: leave it out.")
UNKNOWN_SERVICE = FAULTS.add("url_unknown", "This is no URL of a service that Apprise knows.")
STAYS_HERE = FAULTS.add(
    "url_stays_here", "{service} does not leave the panel: choose another service."
)
# A browser's subscription.
WRONG_KEYS = FAULTS.add("push_keys", "The keys are not those of a browser.")
UNKNOWN_PUSH_SERVICE = FAULTS.add(
    "push_service", "The address is not of a push service that the panel knows."
)
