"""How an attempt to send can fail. The texts are for people and hold no secret."""


class Failed(Exception):
    """It was not sent; a later attempt may succeed."""


class Gone(Exception):
    """The target does not exist any more."""


class Refused(Exception):
    """The URL or the subscription cannot be used, now or later."""
