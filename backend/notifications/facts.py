"""What the history says of notifications, and what they say themselves, by code.

`core/sentences.py` has the mechanism. What a notification can hold is translated in
`notifications/words/`: what stands here below `TOLD`, and the events that it tells of.
"""

from core.sentences import FACTS, Catalog, Sentence

CHANNEL_ADDED = FACTS.add("channel_added", "Notifications: {name} ({service}) was added.")
CHANNEL_CHANGED = FACTS.add("channel_changed", "Notifications: {name}: changed {fields}.")
CHANNEL_REMOVED = FACTS.add("channel_removed", "Notifications: {name} was removed.")
SETTINGS_CHANGED = FACTS.add("notification_settings", "Notifications: {changes}.")
_OF_SETTINGS = FACTS.add_all(
    {
        "late_arming_at": "late arming at is now {value}",
        "no_late_arming_at": "late arming at is now None",
        "time_zone": "time zone is now {value}",
    },
    begin="setting_",
)
SUBSCRIPTION_ENDED = FACTS.add(
    "subscription_ended", "{target} has ended its subscription to notifications."
)
DISMISSED = FACTS.add("dismissed", "Dismissed for {target}: {title}.")
NOT_ARMED = FACTS.add("not_armed", "The alarm is not armed at {time}.")
NOT_SENT = FACTS.add("not_sent", "Not sent to {target}: {reason}")

# Why it was not sent.
SERVICE_ERROR = FACTS.add("service_error", "{service} answers with the error {status}.")
SERVICE_AWAY = FACTS.add("service_away", "{service} cannot be reached.")
SERVICE_REFUSES = FACTS.add(
    "service_refuses", "{service} does not take the message: check the URL."
)
DEFECT = FACTS.add("attempt_failed", "It failed with a {error}.")
TOO_LATE = FACTS.add("attempt_late", "There was no answer within {seconds} s.")
HANGING = FACTS.add("attempts_hang", "Earlier attempts still hang after {seconds} s.")
PUSH_UNREADABLE = FACTS.add(
    "push_unreadable", "The stored subscription cannot be read: subscribe again."
)
PUSH_AWAY = FACTS.add("push_away", "The browser's push service cannot be reached.")
PUSH_ERROR = FACTS.add("push_error", "The browser's push service answers with the error {status}.")

TOLD = Catalog()
"""What only notifications say."""

DURESS_TITLE = TOLD.add("duress_title", "Duress code")()
DURESS_USED = TOLD.add("duress_used", "A duress code was used.")()
PANIC_TITLE = TOLD.add("panic_title", "Silent panic")()
PANIC_PRESSED = TOLD.add("panic_pressed", "The silent panic button was pressed.")()
TROUBLE_TITLE = TOLD.add("trouble_title", "Trouble: {name}")
PANEL_TITLE = TOLD.add("panel_title", "Trouble: the panel")()
OUTPUT_TITLE = TOLD.add("output_title", "Trouble: output")()
LOCKOUT_TITLE = TOLD.add("lockout_title", "Wrong PINs or passwords")()
ALARM_TITLE = TOLD.add("alarm_title", "Alarm: {name}")
ALARM_ALONE = TOLD.add("alarm_alone", "Alarm")()
OF_SENSOR = TOLD.add("of_sensor", "{name}: {words}")
NOT_IN_TIME = TOLD.add("not_in_time", "It was not disarmed in time after the entry.")()
NOT_IN_TIME_BY = TOLD.add(
    "not_in_time_by", "It was not disarmed in time after the entry by {name}."
)
SET_OFF = TOLD.add("set_off", "Set off by {name}.")
SILENCED_TITLE = TOLD.add("silenced_title", "Silenced")()
ARMED_TITLE = TOLD.add("armed_title", "Armed")()
DISARMED_TITLE = TOLD.add("disarmed_title", "Disarmed")()
BY_PERSON = TOLD.add_all(
    {
        "silenced": "Silenced by {name}; there is still danger.",
        "armed": "Armed by {name}.",
        "disarmed": "Disarmed by {name}.",
    },
    begin="by_person_",
)
FROM_SOURCE = TOLD.add_all(
    {
        "silenced": "Silenced from {name}; there is still danger.",
        "armed": "Armed from {name}.",
        "disarmed": "Disarmed from {name}.",
    },
    begin="from_source_",
)
NOT_ARMED_TITLE = TOLD.add("not_armed_title", "Not armed")()
ESCALATION_TITLE = TOLD.add("escalation_title", "Alarm not acknowledged")()
ESCALATION = TOLD.add("escalation", "Set off by {names}. Acknowledge it at the panel.")
FAILURE_TITLE = TOLD.add("failure_title", "Notifications fail")()
MORE_TITLE = TOLD.add("more_title", "More messages")()
TEST_TITLE = TOLD.add("test_title", "Test")()
TEST = TOLD.add("test", "This is a test of the alarm panel. Nothing has happened.")()
TIMES = TOLD.add("times", "{text} ({count} times)")
FROM_TO = TOLD.add("from_to", "{first} to {last}")


def changed_setting(name: str, value: object) -> Sentence:
    """Return what a change of the settings is."""
    template = _OF_SETTINGS[f"no_{name}" if value is None else name]
    return template(**dict.fromkeys(template.names, str(value)))
