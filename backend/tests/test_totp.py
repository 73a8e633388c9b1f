"""The second factor of admins: codes of an authenticator app, and recovery codes."""

import datetime as dt
import io
import re

import pyotp
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from alarm.models import Event
from people import lockout, proof, totp
from people.models import Authenticator, Person, RecoveryCode, Role
from people.readable import ALPHABET
from tests.actions import arm, edit_sessions
from tests.conftest import PASSWORD, Browser, in_threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch):
    """A function that moves the clock by some seconds; it stands still otherwise."""
    moment = [timezone.now()]
    monkeypatch.setattr(timezone, "now", lambda: moment[0])

    def move(seconds: float) -> None:
        moment[0] += dt.timedelta(seconds=seconds)

    return move


class App:
    """An authenticator app, with the recovery codes that came with its secret."""

    def __init__(self, browser: Browser) -> None:
        begun = browser.ask("POST", "session/totp/")
        assert begun.status_code == 201, begun.content
        self.begun = begun.json()
        self.totp = pyotp.TOTP(self.begun["secret"])
        self.answer = browser.ask("POST", "session/totp/confirm/", {"code": self.code()})

    def code(self, seconds: int = 0) -> str:
        """Return what the app shows, on a phone whose clock is so many seconds ahead."""
        return self.totp.at(int(timezone.now().timestamp()) + seconds)

    @property
    def recovery_codes(self) -> list[str]:
        return self.answer.json()["recovery_codes"]


@pytest.fixture
def app(clock, login, admin) -> App:
    """Anna's app, a while after it was added."""
    app = App(login(admin))
    assert app.answer.status_code == 200, app.answer.content
    clock(120)
    return app


def log_in(code: str | None = None, password: str = PASSWORD, username: str = "anna"):
    body = {"username": username, "password": password}
    return Browser().ask("POST", "session/", body if code is None else {**body, "code": code})


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def prove(browser, code: str = ""):
    return browser.ask("POST", "session/proof/", {"password": PASSWORD, "code": code})


def forget_proofs() -> None:
    edit_sessions(lambda data: data.pop("proved_at"))


def test_a_login_needs_a_code_too(app):
    for code in (None, "", " "):
        assert code_of(log_in(code)) == (403, "totp_required")
    assert code_of(log_in("000000")) == (403, "wrong_totp_code")
    answer = log_in(app.code())
    assert answer.status_code == 200
    assert answer.json()["totp_required"] is True


def test_a_wrong_password_is_answered_as_if_there_were_no_app(app):
    """Otherwise an outsider would learn who has one."""
    without = log_in(password="wrong")
    assert code_of(without) == (403, "wrong_credentials")
    assert log_in(app.code(), password="wrong").content == without.content


def test_a_code_that_was_used_is_refused(app, clock):
    code = app.code()
    assert log_in(code).status_code == 200
    assert code_of(log_in(code)) == (403, "wrong_totp_code")
    clock(30)
    assert code_of(log_in(code)) == (403, "wrong_totp_code")
    assert log_in(app.code()).status_code == 200


def test_of_logins_with_one_code_at_the_same_moment_one_wins(app):
    code = app.code()
    statuses = in_threads(*[lambda: log_in(code).status_code] * 4)
    assert sorted(statuses) == [200, 403, 403, 403]


def test_an_older_code_than_the_used_one_is_refused_too(app):
    earlier = app.code(-30)
    assert log_in(app.code()).status_code == 200
    assert code_of(log_in(earlier)) == (403, "wrong_totp_code")


@pytest.mark.parametrize(("ahead", "status"), [(-60, 403), (-30, 200), (30, 200), (60, 403)])
def test_the_clock_of_the_phone_may_differ_by_half_a_minute(app, ahead, status):
    assert log_in(app.code(ahead)).status_code == status


def test_a_clock_that_is_set_back_locks_nobody_out(app, clock):
    assert log_in(app.code()).status_code == 200
    clock(-3600)
    code = app.code()
    assert log_in(code).status_code == 200
    assert code_of(log_in(code)) == (403, "wrong_totp_code")


def test_guesses_are_locked_out_wherever_they_come_from(app, clock):
    """The right password in between forgives none."""
    statuses = []
    for number in range(lockout.LIMIT):
        headers = {"x-forwarded-for": f"10.0.0.{number}"}
        body = {"username": "anna", "password": PASSWORD, "code": "000000"}
        statuses.append(Browser().ask("POST", "session/", body, **headers).status_code)
        assert log_in().json()["code"] == "totp_required"
    assert statuses == [403] * (lockout.LIMIT - 1) + [429]
    assert code_of(log_in(app.code())) == (429, "locked_out")
    assert code_of(log_in(app.recovery_codes[0])) == (429, "locked_out")
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert (kinds.count("login_failed"), kinds.count("lockout")) == (lockout.LIMIT, 1)
    clock(60)
    assert log_in(app.code()).status_code == 200


def test_a_recovery_code_replaces_a_code_once(app, login):
    first, second = app.recovery_codes[:2]
    assert log_in(first).status_code == 200
    assert code_of(log_in(first)) == (403, "wrong_totp_code")
    assert log_in(second.lower().replace("-", " ")).status_code == 200
    assert RecoveryCode.objects.count() == totp.RECOVERY_CODES - 2


def test_recovery_codes_are_renewed(clock, login, admin):
    browser = login(admin)
    assert code_of(browser.ask("POST", "session/totp/recovery-codes/")) == (404, "not_found")
    app = App(browser)
    answer = browser.ask("POST", "session/totp/recovery-codes/")
    assert answer.status_code == 201
    new = answer.json()["recovery_codes"]
    assert not set(new) & set(app.recovery_codes)
    assert code_of(log_in(app.recovery_codes[0])) == (403, "wrong_totp_code")
    assert log_in(new[0]).status_code == 200
    assert browser.ask("GET", "session/totp/").json()["recovery_codes_left"] == 9


def test_a_proof_needs_a_code_too(clock, login, admin):
    browser = login(admin)
    app = App(browser)
    clock(60)
    forget_proofs()
    assert code_of(prove(browser)) == (403, "totp_required")
    assert code_of(prove(browser, "123456")) == (403, "wrong_totp_code")
    answer = browser.ask("PATCH", "settings/", {"siren_duration": 7})
    assert code_of(answer) == (403, "proof_required")
    assert prove(browser, app.code()).status_code == 204
    assert browser.ask("PATCH", "settings/", {"siren_duration": 7}).status_code == 200


def test_the_password_alone_is_not_enough_for_another_one(clock, login, admin):
    browser = login(admin)
    App(browser)
    forget_proofs()
    body = {"current": PASSWORD, "new": "another long sentence"}
    answer = browser.ask("POST", "session/password/", body)
    assert code_of(answer) == (403, "proof_required")


def test_it_is_removed_with_a_proof_and_only_while_disarmed(clock, login, admin):
    browser = login(admin)
    app = App(browser)
    clock(60)
    forget_proofs()
    assert code_of(browser.ask("DELETE", "session/totp/")) == (403, "proof_required")
    assert prove(browser, app.code()).status_code == 204
    arm("away")
    assert code_of(browser.ask("DELETE", "session/totp/")) == (409, "not_disarmed")
    assert code_of(log_in()) == (403, "totp_required")


def test_without_it_the_password_is_enough_again(clock, login, admin):
    browser = login(admin)
    App(browser)
    assert browser.ask("DELETE", "session/totp/").status_code == 204
    assert log_in().status_code == 200
    assert browser.ask("GET", "session/totp/").json() == {
        "added_at": None,
        "recovery_codes_left": 0,
    }
    details = list(Event.objects.filter(kind="person").values_list("detail", flat=True))
    assert set(details) == {
        "anna: an authenticator app was added.",
        "anna: the authenticator app was removed.",
    }


def test_adding_one_ends_the_other_sessions(login, admin):
    here, there = login(admin), login(admin)
    assert App(here).answer.status_code == 200
    people = [one.ask("GET", "session/").json()["person"] for one in (here, there)]
    assert [bool(person) for person in people] == [True, False]


def test_one_that_was_begun_with_another_pepper_is_begun_again(login, admin, settings):
    browser = login(admin)
    assert browser.ask("POST", "session/totp/").status_code == 201
    settings.PIN_PEPPERS = ["another pepper " * 3]
    answer = browser.ask("POST", "session/totp/confirm/", {"code": "123456"})
    assert (answer.status_code, answer.json()["code"]) == (409, "totp_not_begun")


def test_it_is_in_force_only_when_it_was_confirmed(login, admin):
    browser = login(admin)
    answer = browser.ask("POST", "session/totp/confirm/", {"code": "123456"})
    assert code_of(answer) == (409, "totp_not_begun")
    begun = browser.ask("POST", "session/totp/").json()
    answer = browser.ask("POST", "session/totp/confirm/", {"code": "000000"})
    assert code_of(answer) == (403, "wrong_totp_code")
    assert log_in().status_code == 200
    again = browser.ask("POST", "session/totp/").json()
    assert again["secret"] != begun["secret"]
    assert App(browser).answer.status_code == 200
    assert code_of(browser.ask("POST", "session/totp/")) == (409, "totp_already_added")


def test_the_qr_code_says_what_apps_read(login, admin):
    begun = App(login(admin)).begun
    assert re.fullmatch(
        rf"otpauth://totp/Alarm%20panel:anna\?secret={begun['secret']}&issuer=Alarm%20panel",
        begun["uri"],
    )
    assert len(begun["secret"]) == 32
    modules = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", begun["qr_path"])}
    finder = {(x, 0) for x in range(7)} | {(0, y) for y in range(7)}
    assert {(x + 4, y + 4) for x, y in finder} <= modules
    assert max(max(place) for place in modules) == begun["qr_size"] - 5


def test_residents_and_kiosks_have_none(clock, login, admin, resident, app):
    assert code_of(login(resident).ask("POST", "session/totp/")) == (403, "admin_only")
    Person.objects.filter(pk=admin.pk).update(role=Role.RESIDENT)
    Person.objects.filter(pk=resident.pk).update(role=Role.ADMIN)
    assert log_in().status_code == 200
    Person.objects.filter(pk=admin.pk).update(role=Role.ADMIN)
    assert code_of(log_in()) == (403, "totp_required")


def rows() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM people_authenticator")
        found = cursor.fetchall()
        cursor.execute("SELECT hash FROM people_recoverycode")
        return f"{found} {cursor.fetchall()}"


def test_a_reader_of_the_database_has_neither_the_secret_nor_the_recovery_codes(app):
    assert app.begun["secret"] not in rows()
    assert not any(code in rows() for code in app.recovery_codes)
    assert all(set(code) <= {*ALPHABET, "-"} for code in app.recovery_codes)


def test_with_another_pepper_the_recovery_codes_are_still_good(app, settings, clock):
    """A backup has the secret key and no pepper: so its reader cannot compute codes."""
    peppers = settings.PIN_PEPPERS
    settings.PIN_PEPPERS = ["another pepper of at least 32 characters"]
    answer = log_in(app.code())
    assert code_of(answer) == (403, "totp_unreadable")
    assert "recovery code" in answer.json()["detail"]
    assert log_in(app.recovery_codes[0]).status_code == 200
    new = settings.PIN_PEPPERS
    settings.PIN_PEPPERS = [*new, *peppers]
    assert log_in(app.code()).status_code == 200
    settings.PIN_PEPPERS = new  # the former one is needed no longer
    clock(30)
    assert log_in(app.code()).status_code == 200


def test_the_operator_removes_it(app, capsys):
    for code in ["000000"] * lockout.LIMIT:
        log_in(code)
    call_command("remove_totp", "Anna")
    assert capsys.readouterr().out == "anna logs in with the password alone now.\n"
    assert log_in().status_code == 200
    assert Event.objects.filter(kind="person", cause="command").exists()
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="anna has no authenticator app"):
        call_command("remove_totp", "anna")
    with pytest.raises(CommandError, match="There is no person with the user name eve"):
        call_command("remove_totp", "eve")


def test_a_new_password_from_the_operator_leaves_it_in_force(app, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("another long sentence\n"))
    call_command("createadmin", "--username", "anna", "--password-stdin")
    assert "see remove_totp" in capsys.readouterr().out
    assert code_of(log_in(password="another long sentence")) == (403, "totp_required")


def test_the_proof_of_a_login_with_a_code_is_fresh(app):
    browser = Browser()
    body = {"username": "anna", "password": PASSWORD, "code": app.code()}
    assert browser.ask("POST", "session/", body).status_code == 200
    assert browser.ask("PATCH", "settings/", {"siren_duration": 7}).status_code == 200
    edit_sessions(lambda data: data.update(proved_at=data["proved_at"] - proof.FRESH.seconds))
    assert browser.ask("PATCH", "settings/", {"siren_duration": 7}).status_code == 403
