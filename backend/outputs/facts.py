"""What the history says of outputs, by code: `core/sentences.py`."""

from core.sentences import FACTS
from outputs.models import Command, Fault

ADDED = FACTS.add("output_added", "Output “{name}”: added.")
CHANGED = FACTS.add("output_changed", "Output “{name}”: changed {fields}.")
REMOVED = FACTS.add("output_removed", "Output “{name}”: removed.")
NEW_PASSWORD = FACTS.add("output_password", "Output “{name}”: new password.")
TESTED = FACTS.add("output_tested", "Output “{name}”: tested.")
SWITCHED = {
    Command.ON: FACTS.add("output_switched_on", "Output “{name}”: switched on."),
    Command.OFF: FACTS.add("output_switched_off", "Output “{name}”: switched off."),
}
FAILS = FACTS.add("output_fails", "“{name}” does not answer: {reason}")
ANSWERS = FACTS.add("output_answers", "“{name}” answers again.")
REASONS = FACTS.add_all(
    {
        Fault.NO_ANSWER: "it does not report.",
        Fault.NO_CONTACT: "it is offline.",
        Fault.NOT_CONNECTED: "the panel is not connected to the MQTT broker.",
        Fault.UNREACHABLE: "nothing answers at its address.",
        Fault.HTTP_STATUS: "its address refuses the request.",
        Fault.TLS: "its certificate is not trusted.",
        Fault.UNREADABLE: "the stored address cannot be read: enter it again.",
    },
    begin="output_",
)
