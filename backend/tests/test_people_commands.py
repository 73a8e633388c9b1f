"""The commands that give people access."""

import datetime as dt
import io
import os
import pty

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from alarm.models import Event
from people import codes
from people.models import Attempts, Code, Person, Session
from tests.conftest import PASSWORD, PIN, Browser, command

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(monkeypatch):
    """A function that runs a command with lines on its standard input; returns its output."""

    def run_command(*arguments: str, lines: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        output = io.StringIO()
        call_command(*arguments, stdout=output)
        return output.getvalue()

    return run_command


CREATE = ("createadmin", "--username", "Anna", "--password-stdin")


def test_an_admin_from_a_pipe(run):
    said = run(*CREATE, "--name", "Anna B.", "--pin-stdin", lines=f"{PASSWORD}\n{PIN}\n")
    assert said == "anna can log in as admin.\n"
    person = Person.objects.get()
    assert (person.username, person.name, person.role) == ("anna", "Anna B.", "admin")
    assert person.check_password(PASSWORD)
    assert codes.verify(PIN, "test").person == person
    assert {event.cause for event in Event.objects.all()} == {"command"}


def test_a_forgotten_password_is_replaced_and_sessions_end(run, admin, login):
    Person.objects.filter(pk=admin.pk).update(role="resident")
    theirs = login(admin)
    lock_out = {"failures": 0, "locked_until": timezone.now() + dt.timedelta(hours=1)}
    Attempts.objects.update(**lock_out)
    assert "new password" in run(*CREATE, lines="another long sentence\n")
    person = Person.objects.get()
    assert person.is_admin
    assert person.check_password("another long sentence")
    assert theirs.ask("GET", "session/").json()["person"] is None
    assert not Attempts.objects.filter(locked_until__isnull=False).exists()


@pytest.mark.parametrize(
    ("arguments", "lines", "expected"),
    [
        (CREATE, "short\n", "at least 10 characters"),
        (CREATE, "", "too short"),
        (("createadmin", "--username", "a b", "--password-stdin"), "", "A user name has"),
        (("createadmin", "--password-stdin"), "", "has to be an option"),
        ((*CREATE, "--pin-stdin"), f"{PASSWORD}\n12\n", "4 to 12 digits"),
    ],
)
def test_what_is_wrong_is_one_line_and_changes_nothing(run, db, arguments, lines, expected):
    with pytest.raises(CommandError, match=expected) as caught:
        run(*arguments, lines=lines)
    assert "\n" not in str(caught.value)
    assert not Person.objects.exists()


def test_an_admin_at_a_terminal_is_asked(same_database):
    ours, theirs = pty.openpty()
    # In a session of its own, getpass does not find the terminal that the tests run in.
    terminal = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
    process = command("manage.py", "createadmin", env=same_database, **terminal)
    os.close(theirs)
    said = b""
    for question, answer in [
        (b"User name: ", "anna"),
        (b"Password: ", PASSWORD),
        (b"Password again: ", PASSWORD),
        (b"digits): ", PIN),
        (b"digits) again: ", PIN),
    ]:
        while question not in said:
            said += os.read(ours, 1000)
        said = b""
        os.write(ours, f"{answer}\n".encode())
    while b"can log in as admin" not in said:
        said += os.read(ours, 1000)
    assert PASSWORD.encode() not in said
    assert process.wait(timeout=30) == 0
    os.close(ours)
    assert Person.objects.get().check_password(PASSWORD)


def test_a_pin_is_set_from_a_pipe(run, db):
    assert run("set_pin", lines="9876\n") == "First PIN was added.\n"
    assert run("set_pin", lines=f"{PIN}\n") == "First PIN: the PIN was changed.\n"
    assert run("set_pin", "--label", "Cleaner", lines="1111\n") == "Cleaner was added.\n"
    run("set_pin", "--label", "Cleaner", lines="2222\n")
    assert codes.verify(PIN, "test").label == "First PIN"
    assert codes.verify("2222", "test").label == "Cleaner"
    assert Code.objects.count() == 2
    for lines, expected in [("12\n", "4 to 12 digits"), ("2222\n", "Another code")]:
        with pytest.raises(CommandError, match=expected):
            run("set_pin", lines=lines)


def test_a_session_for_a_check_is_an_admins_short_and_recorded(run, admin, resident):
    browser = Browser()
    browser.cookies.load(run("open_session", "--minutes", "2"))
    body = browser.ask("GET", "session/").json()
    assert body["person"]["username"] == "anna"
    assert browser.ask("GET", "people/").status_code == 200
    row = Session.objects.get()
    lasts = row.expire_date.timestamp() - Event.objects.get(kind="login").at.timestamp()
    assert 110 < lasts < 130
    assert Event.objects.get(kind="login").source == "command line"


@pytest.mark.parametrize("minutes", ["0", "61"])
def test_a_session_for_a_check_is_bounded(run, admin, minutes):
    with pytest.raises(CommandError, match="1 to 60"):
        run("open_session", "--minutes", minutes)


def test_without_an_admin_there_is_no_session(run, db):
    with pytest.raises(CommandError, match="not set up"):
        run("open_session")
