"""PINs at rest: what a reader of the database, of a backup, and of another pepper can do."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connection

from people import codes, pins
from people.models import Code
from tests.conftest import PIN, in_threads

pytestmark = pytest.mark.django_db(transaction=True)
FORMER, OTHER = "former-pepper-of-many-characters-1", "other-pepper-of-many-characters-22"


@pytest.fixture
def computed(monkeypatch) -> list[str]:
    """The slow hashes that are computed from now on."""
    found: list[str] = []
    for module, name in [
        (pins, "hash_secret_raw"),
        (pins, "hash_secret"),
        (Argon2PasswordHasher, "encode"),
        (Argon2PasswordHasher, "verify"),
    ]:
        original = getattr(module, name)

        def counted(*args, _name=name, _original=original, **options):
            found.append(_name)
            return _original(*args, **options)

        monkeypatch.setattr(module, name, counted)
    return found


def rows() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash, index, pepper FROM people_code ORDER BY id")
        return cursor.fetchall()


def add_old(pin: str, salt: str = "one salt for all codes") -> Code:
    """Add a code as the first versions stored it."""
    return Code.objects.create(label=f"Old {pin}", hash=make_password(pin, salt=salt))


def test_each_pin_has_a_salt_of_its_own(pin):
    codes.create("1111", "Other")
    hashes = [row[0] for row in rows()]
    assert all(one.startswith("argon2$argon2id$") for one in hashes)
    salts = {one.split("$")[-2] for one in hashes}
    assert len(salts) == 2
    assert PIN not in str(rows())


def test_a_reader_of_the_database_cannot_find_a_pin_by_trying_all(pin, settings):
    """All that the database has, and another pepper: not one PIN matches."""
    settings.PIN_PEPPERS = [OTHER]
    ((encoded, index, name),) = rows()
    (guessed,) = pins.peppers()
    assert guessed.name != name
    for candidate in (PIN, *map("{:04}".format, range(0, 10000, 97))):
        assert pins.index(candidate, guessed) != index
        assert not pins.check(candidate, guessed, encoded)
        assert not Argon2PasswordHasher().verify(candidate, encoded)


def test_the_cost_depends_neither_on_the_number_of_codes_nor_on_the_pin(computed, pin):
    costs = set()
    for number in range(codes.MAX_CODES - 1):
        codes.create(str(1000 + number), f"{number}")
    for candidate in [pin, "1005", "1028", "0000"]:
        computed.clear()
        codes.matching(candidate, move=True)
        costs.add(len(computed))
    assert costs == {2}


def test_a_code_of_an_older_version_works_and_is_moved_when_it_is_used(pin, computed):
    add_old("1111"), add_old("2222")
    computed.clear()
    with pytest.raises(codes.WrongPin):
        codes.verify("0000", "test")
    cost_of_a_wrong_one = len(computed)
    computed.clear()
    assert codes.verify("1111", "test").label == "Old 1111"
    assert len(computed) == cost_of_a_wrong_one
    moved, waiting = Code.objects.order_by("id")[1:]
    assert (moved.pepper, waiting.pepper) == (Code.objects.first().pepper, "")
    assert moved.index
    assert codes.verify("1111", "test") == moved
    assert codes.verify("2222", "test") == waiting
    assert not Code.objects.filter(pepper="").exists()


def test_old_codes_with_different_salts_are_found(db):
    """As in a database that was merged from two."""
    add_old("1111"), add_old("2222", salt="another salt of a code")
    assert [codes.matching(pin).label for pin in ("1111", "2222")] == ["Old 1111", "Old 2222"]
    assert codes.matching("3333") is None


def test_a_pin_stays_unique_across_old_and_new_codes(db):
    add_old("1111")
    with pytest.raises(codes.PinTaken):
        codes.create("1111", "New")
    other = codes.create("2222", "New")
    with pytest.raises(codes.PinTaken):
        codes.change_pin(other, "1111")


def test_two_who_enter_an_old_pin_at_once_both_get_in(db):
    add_old("1111")
    tries = [lambda n=n: codes.verify("1111", f"person:{n}").label for n in range(4)]
    assert in_threads(*tries) == ["Old 1111"] * 4
    assert Code.objects.exclude(pepper="").count() == 1


def test_codes_of_a_former_pepper_are_moved_to_the_new_one(pin, settings):
    settings.PIN_PEPPERS = [OTHER, *settings.PIN_PEPPERS]
    before = Code.objects.get()
    assert before.status == "active"
    assert codes.verify(pin, "test") == before
    settings.PIN_PEPPERS = [OTHER]
    assert codes.verify(pin, "test") == before


def test_without_its_pepper_a_code_says_so_and_can_be_set_again(login, admin, pin, settings):
    settings.PIN_PEPPERS = [OTHER]
    with pytest.raises(codes.NoCode, match="another PIN pepper"):
        codes.verify(pin, "test")
    browser = login(admin)
    (listed,) = browser.ask("GET", "codes/").json()
    assert listed["status"] == "unreadable"
    changed = browser.ask("PATCH", f"codes/{listed['id']}/", {"pin": pin})
    assert changed.json()["status"] == "active"
    assert codes.verify(pin, "test")
