"""Commands over MQTT: each carries a PIN, which is verified like one entered at the panel."""

import hashlib
import json
from typing import NamedTuple

from alarm import services
from alarm.models import Cause
from alarm.transitions import IllegalTransition
from integrations.mqtt.ignored import MQTT, Ignored
from people import codes, lockout
from people.models import Code

LARGEST = 1024  # bytes
TWICE_WITHIN = 2.0  # seconds in which an equal message counts as the same message
ARMING = {"ARM_HOME": "home", "ARM_AWAY": "away", "ARM_NIGHT": "night", "ARM_VACATION": "vacation"}
DISARM = "DISARM"
NO_CODE = (None, "", "None")  # the last is what Home Assistant's template makes of no code


class Commands:
    """Carries out commands, and ignores a repetition of the last one."""

    def __init__(self) -> None:
        self._last, self._last_at = b"", -TWICE_WITHIN

    def take(
        self,
        payload: bytes,
        arrived_at: float,
        *,
        is_again: bool = False,
        arm_without_code: bool = False,
    ) -> None:
        """Carry out a command, or raise Ignored.

        `arrived_at` is by the monotonic clock; `is_again`: the broker marks it as a repetition.
        """
        digest = hashlib.sha256(payload).digest()
        is_twice = digest == self._last and arrived_at - self._last_at < TWICE_WITHIN
        self._last, self._last_at = digest, arrived_at
        if is_twice or is_again:
            raise Ignored("a command that was sent twice.")
        action, pin, force = parse(payload, arm_without_code)
        if pin is None:
            carry_out(action, None)
            return
        try:
            code = codes.verify(pin, "mqtt", MQTT)
        except codes.WrongPin:
            return  # `verify` has recorded it
        except (lockout.LockedOut, codes.NoCode) as error:
            raise Ignored(f"{action}: {error}") from error
        carry_out(action, code, force)


class Command(NamedTuple):
    """What is to be done, with which PIN; with `force`, what prevents arming is bypassed."""

    action: str
    pin: str | None
    force: bool = False


def parse(payload: bytes, arm_without_code: bool = False) -> Command:
    """Return the command, or raise Ignored. The PIN is None where it is not needed.

    It is needed with `force`: a sensor is left out, about which a person has decided.
    """
    if len(payload) > LARGEST:
        raise Ignored(f"a command of more than {LARGEST} bytes.")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Ignored("a command that is not JSON.") from error
    if not isinstance(message, dict):
        raise Ignored("a command that is not a JSON object.")
    action, pin, force = message.get("action"), message.get("code"), message.get("force", False)
    if action not in (*ARMING, DISARM):
        raise Ignored(f"a command that is none of {', '.join(ARMING)} and {DISARM}.")
    if not isinstance(force, bool):
        raise Ignored("a command whose “force” is neither true nor false.")
    if arm_without_code and action in ARMING and pin in NO_CODE and not force:
        return Command(action, None)
    if not isinstance(pin, str) or not codes.FORMAT.fullmatch(pin):
        raise Ignored(f"{action} without a code of 4 to 12 digits.")
    return Command(action, pin, force)


def carry_out(action: str, code: Code | None, force: bool = False) -> None:
    """Carry out an action with a verified code, or raise Ignored with the alarm's reason.

    Without a code it can only arm.
    """
    try:
        if code and action == DISARM:
            services.disarm(MQTT, Cause.MQTT, code=code)
        elif action in ARMING:
            services.arm(ARMING[action], MQTT, Cause.MQTT, force=force, code=code)
    except (
        IllegalTransition,
        services.NotReady,
        services.PinRequired,
        codes.WrongPin,
    ) as error:
        raise Ignored(f"{action}: {error}") from error
