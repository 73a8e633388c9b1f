"""What the history says of the alarm and its sensors, by code: `core/sentences.py`."""

from collections.abc import Iterable
from typing import Any

from alarm.sensor_types import Kind, Mode, Trouble
from core.sentences import FACTS, Sentence

SILENCED = FACTS.add("silenced", "Silenced; the danger goes on.")()
ACKNOWLEDGED = FACTS.add("acknowledged", "{names}.")
BYPASSED = FACTS.add("bypassed", "Bypassed.")()
LIVE_AGAIN = FACTS.add("live_again", "Live again.")()

_OPENED, _CLOSED = FACTS.add("opened", "Opened.")(), FACTS.add("closed", "Closed.")()
_TAMPERED = (
    FACTS.add("tampered", "Tampered with.")(),
    FACTS.add("no_tamper", "Not tampered with any more.")(),
)


def _pair(code: str, begins: str, ends: str) -> tuple[Sentence, Sentence]:
    return FACTS.add(code, begins)(), FACTS.add(f"no_{code}", ends)()


WORDS: dict[str, tuple[Sentence, Sentence]] = {  # when it opens, and when it closes
    Kind.DOOR: (_OPENED, _CLOSED),
    Kind.WINDOW: (_OPENED, _CLOSED),
    Kind.MOTION: _pair("movement", "Movement.", "No movement."),
    Kind.VIBRATION: _pair("vibration", "Vibration.", "No vibration."),
    Kind.SMOKE: _pair("smoke", "Smoke.", "No smoke."),
    Kind.HEAT: _pair("heat", "Heat.", "No heat."),
    Kind.CARBON_MONOXIDE: _pair("carbon_monoxide", "Carbon monoxide.", "No carbon monoxide."),
    Kind.GAS: _pair("gas", "Gas.", "No gas."),
    Kind.WATER: _pair("water", "Water.", "No water."),
    Kind.COLD: _pair("cold", "Cold.", "Not cold any more."),
    Kind.TAMPER: _TAMPERED,
    Kind.PANIC: _pair("pressed", "Pressed.", "Released."),
}
TROUBLE_WORDS: dict[Trouble, tuple[Sentence, Sentence]] = {  # when it begins, and when it ends
    Trouble.NO_CONTACT: _pair("no_contact", "No contact.", "In contact again."),
    Trouble.LOW_BATTERY: _pair("low_battery", "Low battery.", "The battery is good again."),
    Trouble.TAMPER: _TAMPERED,
}

REFUSED = FACTS.add("report_refused", "Refused: {reason}")
REFUSED_STATE = FACTS.add("report_of_state_refused", "Refused: {state} {reason}")
OLD_BY_DAYS = FACTS.add("report_old_by_days", "This report is more than {days} days old.")
OLD_BY_MINUTES = FACTS.add(
    "report_old_by_minutes", "This report is more than {minutes} minutes old."
)
OF_FUTURE = FACTS.add("report_of_future", "This report is of the future: set the sensor's clock.")
RECEIVED = FACTS.add("report_received", "This report was received before.")
NEWER_RECEIVED = FACTS.add(
    "newer_report_received", "A newer report of this sensor was received before."
)
HEARD_SINCE = FACTS.add("sensor_heard_since", "This sensor was heard after this report.")
TOO_OFTEN = FACTS.add("reports_too_often", "This sensor reports too often; this report is ignored.")

ADDED = FACTS.add("sensor_added", "Added.")()
CHANGED = FACTS.add("sensor_changed", "Changed: {fields}.")
REMOVED = FACTS.add("sensor_removed", "Removed.")()
NEW_TOKEN = FACTS.add("sensor_token", "New token.")()

MODES = FACTS.add_all({str(mode): str(mode) for mode in Mode}, begin="mode_")
SETTINGS_CHANGED = FACTS.add("settings_changed", "{changes}.")
_OF_SETTINGS = FACTS.add_all(
    {
        "exit_delay": "exit delay {mode} {before} → {after}",
        "entry_delay": "entry delay {mode} {before} → {after}",
        "siren_duration": "siren duration {before} → {after}",
        "retention_days": "retention days {before} → {after}",
    },
    begin="setting_",
)
FIELDS = FACTS.add_all(
    {
        name: name
        for name in (
            *("name", "kind", "type", "modes", "entry_delay", "final_door", "chime", "heartbeat"),
            *("tones", "strobe", "cut_off", "enabled", "method", "on_url", "off_url"),
            *("host", "port", "tls", "username", "password", "base_topic", "discovery_prefix"),
            *("arm_without_code", "url", "person", "kinds", "escalate_after"),
        )
    },
    begin="field_",
)


def fields(names: Iterable[str]) -> list[Sentence]:
    """Return the names of fields that were changed, in the order of the alphabet."""
    return [FIELDS[name]() for name in sorted(names)]


def changed_settings(before: dict[str, Any], after: dict[str, Any]) -> Sentence:
    """Return what of the settings has changed."""
    listed = []
    for name in sorted(name for name in before if before[name] != after[name]):
        old, new, template = before[name], after[name], _OF_SETTINGS[name]
        if isinstance(old, dict):
            modes = [mode for mode in old if old[mode] != new[mode]]
            listed += [
                template(mode=MODES[mode](), before=old[mode], after=new[mode]) for mode in modes
            ]
        else:
            listed.append(template(before=old, after=new))
    changed = SETTINGS_CHANGED(changes=listed)
    return Sentence(changed.capitalize(), changed.code, changed.params)
