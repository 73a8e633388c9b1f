"""A hook for schemathesis: it supplies a token and a PIN, and protects the admin and the sensor.

A generated request may remove the logged-in admin, replace the password, end the session, or log in
as a person that another request has made. Every later answer is `login_required` then.
Its own tests cover these: backend/tests/test_people.py, test_sensors.py, test_session_list.py and
test_sessions.py.
"""

from __future__ import annotations

import os
import re

import schemathesis

PERSON = int(os.environ["CHECKER_ID"])
SENSOR = int(os.environ["CHECKER_SENSOR_ID"])
TOKEN = os.environ["CHECKER_SENSOR_TOKEN"]
PIN = os.environ["CHECKER_PIN"]
REPORTS = "/api/sensors/{id}/events/"
DISARM = "/api/alarm/disarm/"
LOGIN = "/api/session/"
ONE_SESSION = "/api/sessions/{session_id}/"


@schemathesis.hook
def before_call(context: object, case: schemathesis.Case, kwargs: object) -> None:
    """Redirect such requests to other ids; most reports get the sensor's id, half the PINs fit."""
    asked = case.path_parameters
    path, method = case.operation.path, case.operation.method.upper()
    if str(asked.get("person_id")) == str(PERSON):
        asked["person_id"] = PERSON + 1
    if path == REPORTS and isinstance(asked.get("id"), int) and asked["id"] % 4:
        asked["id"] = SENSOR
        case.headers["Authorization"] = f"Bearer {TOKEN}"
    elif str(asked.get("id")) == str(SENSOR) and (method == "DELETE" or "token" in path):
        asked["id"] = SENSOR + 1
    if path == ONE_SESSION:
        asked["session_id"] = "unknown"
    if path == LOGIN and isinstance(case.body, dict) and isinstance(case.body.get("username"), str):
        case.body = {**case.body, "username": "unknown"}  # a login as another ends the session
    if path == DISARM and isinstance(case.body, dict):
        pin = case.body.get("pin")
        if isinstance(pin, str) and re.fullmatch("[0-9]{4,12}", pin) and pin[-1] in "02468":
            case.body = {"pin": PIN}
