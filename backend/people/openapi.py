"""What people's addresses take and answer."""

from config.openapi import describe
from people import code_views, person_views, session_views
from people.serializers import (
    CodeBody,
    Login,
    PasswordChange,
    PersonBody,
    SessionBody,
    Setup,
)

LOCKED = {429: ("locked_out", "throttled")}
MISSING = {404: ("not_found",)}

describe(
    *(session_views.SetupView, "post", "Make the first admin and the first PIN, and log in"),
    SessionBody,
    status=201,
    body=Setup,
    who="anyone",
    errors={409: ("already_set_up",), 429: ("throttled",)},
)

session = session_views.SessionView
describe(session, "get", "Who is logged in, and the CSRF token", SessionBody, who="anyone")
describe(
    *(session, "post", "Log in", SessionBody),
    body=Login,
    who="anyone",
    errors={403: ("setup_required", "wrong_credentials"), **LOCKED},
)
describe(session, "delete", "Log out", status=204)
describe(
    *(session_views.PasswordView, "post", "Change one's own password; other sessions end"),
    status=204,
    body=PasswordChange,
    errors={403: ("wrong_credentials",), **LOCKED},
)

people, person = person_views.PeopleView, person_views.PersonView
describe(people, "get", "All persons", PersonBody(many=True), who="admin")
describe(
    *(people, "post", "Add a person", PersonBody),
    status=201,
    body=PersonBody,
    who="admin",
    errors={409: ("too_many_people",)},
)
describe(person, "get", "One person", PersonBody, who="admin", errors=MISSING)
describe(
    *(person, "patch", "Change a person", PersonBody),
    body=PersonBody,
    who="admin",
    errors={409: ("last_admin",), **MISSING},
)
describe(
    *(person, "delete", "Remove a person, with their codes and sessions"),
    status=204,
    who="admin",
    errors={409: ("last_admin",), **MISSING},
)

codes, code = code_views.CodesView, code_views.CodeView
describe(codes, "get", "All PIN codes, without their PINs", CodeBody(many=True), who="admin")
describe(
    *(codes, "post", "Add a PIN code", CodeBody),
    status=201,
    body=CodeBody,
    who="admin",
    errors={409: ("pin_taken", "too_many_codes")},
)
describe(
    *(code, "patch", "Change a PIN code", CodeBody),
    body=CodeBody,
    who="admin",
    errors={409: ("pin_taken",), **MISSING},
)
describe(code, "delete", "Remove a PIN code", status=204, who="admin", errors=MISSING)
