"""Production's first visit needs the token that the operator has."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from alarm.models import Event
from people import lockout, setup_token
from people.models import Attempts, Person
from tests.conftest import PASSWORD, PIN, Browser

pytestmark = pytest.mark.django_db(transaction=True)

SETUP = {"username": "anna", "name": "Anna", "password": PASSWORD, "pin": PIN}


@pytest.fixture(autouse=True)
def production(settings) -> None:
    settings.SETUP_NEEDS_TOKEN = True


@pytest.fixture
def clock(monkeypatch):
    """A function that sets the clock to some minutes after a full hour."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)

    def set_clock(minutes: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: hour + dt.timedelta(minutes=minutes))

    set_clock(1)
    return set_clock


def set_up(token: str | None, client: str = "192.168.1.2"):
    body = SETUP if token is None else {**SETUP, "token": token}
    return Browser().ask("POST", "setup/", body, **{"x-forwarded-for": client})


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_another_machine_cannot_set_up_a_new_panel(browser):
    assert browser.ask("GET", "session/").json()["setup_token_required"] is True
    for token in (None, "", "0000-0000", setup_token.current()[:-1], setup_token.current() + "0"):
        assert code_of(set_up(token, client=f"10.0.0.{len(token or '')}")) == (
            403,
            "wrong_setup_token",
        )
    assert not Person.objects.exists()
    assert {event.kind for event in Event.objects.all()} == {"login_failed"}
    assert set_up(setup_token.current()).status_code == 201
    assert browser.ask("GET", "session/").json()["setup_token_required"] is False


def test_guesses_are_locked_out_by_their_address_and_do_not_keep_others_out(clock):
    statuses = [set_up(f"AAAA-{number:04}").status_code for number in range(lockout.LIMIT)]
    assert statuses == [403] * (lockout.LIMIT - 1) + [429]
    assert code_of(set_up(setup_token.current())) == (429, "locked_out")
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert (kinds.count("login_failed"), kinds.count("lockout")) == (lockout.LIMIT, 1)
    assert set_up(setup_token.current(), client="192.168.1.3").status_code == 201


def test_it_is_typed_in_any_case_and_as_it_was_read(clock, monkeypatch):
    monkeypatch.setattr(setup_token, "_of_hour", lambda hour: "01AB-CD01")
    assert set_up(" oiab cdol ").status_code == 201


def test_it_expires(clock):
    token = setup_token.current()
    clock(119)
    assert setup_token.current() != token
    clock(121)
    assert code_of(set_up(token)) == (403, "wrong_setup_token")
    clock(119)
    assert set_up(token).status_code == 201


def test_it_opens_nothing_once_there_is_an_admin(admin):
    assert code_of(set_up(setup_token.current())) == (409, "already_set_up")
    assert not Attempts.objects.exists()


def test_it_depends_on_this_panels_secret_key(clock, settings):
    token = setup_token.current()
    settings.SECRET_KEY = "another one, of the panel next door"
    assert setup_token.current() != token
    assert code_of(set_up(token)) == (403, "wrong_setup_token")


def test_a_body_with_faults_is_no_guess(browser):
    answer = browser.ask("POST", "setup/", {**SETUP, "pin": "1", "token": "wrong"})
    assert list(answer.json()["fields"]) == ["pin"]
    assert not Attempts.objects.exists()


def test_the_command_prints_it_alone(capsys, transactional_db):
    call_command("setup_token")
    assert capsys.readouterr().out == f"{setup_token.current()}\n"


def test_the_command_prints_none_where_none_is_needed(admin, settings):
    with pytest.raises(CommandError, match="The panel is set up already: log in"):
        call_command("setup_token")
    Person.objects.all().delete()
    settings.SETUP_NEEDS_TOKEN = False
    with pytest.raises(CommandError, match="Only production asks for a setup token"):
        call_command("setup_token")


def test_development_asks_for_none(browser, settings):
    settings.SETUP_NEEDS_TOKEN = False
    assert browser.ask("GET", "session/").json()["setup_token_required"] is False
    assert set_up(None).status_code == 201
