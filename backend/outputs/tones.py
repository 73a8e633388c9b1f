"""The tone that an output has for an alarm, without queries."""

from collections.abc import Collection, Iterable

from outputs.models import Tone

# The first of these that sounds and that the output has is its tone: fire makes people leave.
PRIORITY = (Tone.FIRE, Tone.PANIC, Tone.BURGLARY)
OF_KIND = {
    "smoke": Tone.FIRE,
    "heat": Tone.FIRE,
    "carbon_monoxide": Tone.FIRE,
    "gas": Tone.FIRE,
    "panic": Tone.PANIC,
}  # of all other kinds, water among them, it is burglary


def choose(tones: Collection[str], kinds: Iterable[str]) -> Tone | None:
    """Return the tone of an output with these tones while sensors of these kinds sound.

    None: the output stays quiet. Without a kind, a person has set off the alarm: panic.
    """
    sounding = {OF_KIND.get(kind, Tone.BURGLARY) for kind in kinds} or {Tone.PANIC}
    return next((tone for tone in PRIORITY if tone in sounding and tone in tones), None)
