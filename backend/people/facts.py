"""What the history says of persons and codes, by code: `core/sentences.py`."""

from core.sentences import FACTS, Sentence, Template

LOGGED_IN = FACTS.add("logged_in", "Logged in.")
SESSION_OPENED = FACTS.add("session_opened", "A session of {minutes} min was opened.")
SESSION_ENDED = FACTS.add("session_ended", "A session of {username} was ended.")
SESSIONS_ENDED = FACTS.add("sessions_ended", "All sessions of {username} were ended.")

WRONG_PASSWORD = FACTS.add("wrong_password", "Wrong password.")
WRONG_PROOF = FACTS.add("wrong_proof", "The password is wrong.")
WRONG_TOTP_CODE = FACTS.add("wrong_totp_code", "Wrong code of the authenticator app.")
UNKNOWN_USERNAME = FACTS.add("unknown_username", "Unknown user name.")
TOO_MANY_LOGINS = FACTS.add("too_many_logins", "Too many failed logins.")
TOO_MANY_PASSWORDS = FACTS.add("too_many_passwords", "Too many wrong passwords.")
TOO_MANY_TOTP_CODES = FACTS.add("too_many_totp_codes", "Too many wrong codes.")
WRONG_SETUP_TOKEN = FACTS.add("wrong_setup_token", "Wrong setup token.")
TOO_MANY_SETUP_TOKENS = FACTS.add("too_many_setup_tokens", "Too many setup tokens.")
TOO_MANY_PINS = FACTS.add("too_many_pins", "Too many wrong PINs.")

WRONG_PIN = FACTS.add("wrong_pin", "This PIN is wrong.")
EXPIRED_PIN = FACTS.add("expired_pin", "This PIN is no longer valid.")
EARLY_PIN = FACTS.add("early_pin", "This PIN is not yet valid.")
ENDED_PIN = FACTS.add("ended_pin", "This PIN ended while it was used.")
CODE_USED = {
    purpose: FACTS.add(f"code_used_to_{purpose}", f"“{{label}}” was used to {purpose}.")
    for purpose in ("arm", "disarm", "acknowledge")
}

CODE_ADDED = FACTS.add("code_added", "{label} was added.")
CODE_CHANGED = FACTS.add("code_changed", "{label}: {changes}.")
CODE_REMOVED = FACTS.add("code_removed", "{label} was removed.")
NEW_PIN = FACTS.add("new_pin", "the PIN was changed")
OF_CODE: dict[str, Template] = FACTS.add_all(
    {
        "label": "the label is now {label}",
        "person": "it belongs to {person}",
        "no_person": "it belongs to no person",
        "duress": "it is a duress code now",
        "no_duress": "it is no duress code any more",
        "valid_from": "valid from {moment}",
        "no_valid_from": "it has no first moment",
        "valid_until": "valid until {moment}",
        "no_valid_until": "it has no last moment",
        "is_active": "it is active now",
        "no_is_active": "it is inactive now",
    },
    begin="code_",
)

ROLES = FACTS.add_all({role: role for role in ("admin", "resident", "kiosk")}, begin="role_")
PERSON_ADDED = FACTS.add("person_added", "{username} was added as {role}.")
PERSON_CHANGED = FACTS.add("person_changed", "{username}: {changes}.")
PERSON_REMOVED = FACTS.add("person_removed", "{username} was removed.")
NEW_PASSWORD = FACTS.add("new_password", "the password was changed")
OF_PERSON: dict[str, Template] = FACTS.add_all(
    {
        "username": "username is now {value}",
        "name": "name is now {value}",
        "role": "role is now {value}",
        "is_active": "is_active is now True",
        "no_is_active": "is_active is now False",
    },
    begin="person_",
)
TOTP_ADDED = FACTS.add("totp_added", "{username}: an authenticator app was added.")
TOTP_REMOVED = FACTS.add("totp_removed", "{username}: the authenticator app was removed.")


def changed_code(name: str, value: object) -> Sentence:
    """Return what a change of a code's field is."""
    template = OF_CODE[name if value else f"no_{name}"]
    shown = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return template(**dict.fromkeys(template.names, shown))


def changed_person(name: str, value: object) -> Sentence:
    """Return what a change of a person's field is."""
    template = OF_PERSON[f"no_{name}" if value is False else name]
    shown = ROLES[str(value)]() if name == "role" else str(value)
    return template(**dict.fromkeys(template.names, shown))
