"""Changes: complete, one at a time, each with its event."""

from itertools import pairwise

import pytest
from django.db import DatabaseError, IntegrityError, connection

from alarm import pins, services
from alarm.models import Alarm, Cause, Event
from alarm.transitions import Action, IllegalTransition
from tests.conftest import PIN, in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def apply(action: Action) -> dict:
    return services.apply(action, Cause.API)


def test_a_change_moves_the_state_the_sequence_and_the_history_together():
    before = services.current()
    state = apply(Action.ARM_AWAY)
    assert state == services.current()
    assert (state["state"], state["target"]) == ("arming", "armed_away")
    assert state["sequence"] == before["sequence"] + 1
    assert state["deadline"] > state["changed_at"]
    event = Event.objects.get()
    assert (event.from_state, event.to_state, event.cause) == ("disarmed", "arming", "api")


def test_a_delay_of_zero_is_skipped(settings):
    settings.ALARM_EXIT_DELAY = settings.ALARM_ENTRY_DELAY = 0
    state = apply(Action.ARM_HOME)
    assert (state["state"], state["target"], state["deadline"]) == ("armed_home", None, None)
    assert apply(Action.TRIGGER)["state"] == "triggered"
    assert Event.objects.count() == services.current()["sequence"] == 4


def test_an_illegal_change_leaves_no_trace():
    before = services.current()
    with pytest.raises(IllegalTransition):
        apply(Action.TRIGGER)
    assert services.current() == before
    assert not Event.objects.exists()


@pytest.mark.parametrize("round_", range(5))
def test_of_parallel_changes_exactly_one_wins(round_):
    results = in_threads(*[lambda: apply(Action.ARM_AWAY)] * 6)
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(isinstance(result, IllegalTransition) for result in results) == 5
    assert Event.objects.count() == services.current()["sequence"] == 1


def test_parallel_arming_and_disarming_stays_consistent():
    def work():
        for action in [Action.ARM_HOME, Action.DISARM] * 10:
            try:
                apply(action)
            except IllegalTransition:
                continue

    assert in_threads(work, work, work) == [None] * 3
    steps = list(Event.objects.order_by("id").values_list("from_state", "to_state"))
    assert len(steps) == services.current()["sequence"]
    assert all(left[1] == right[0] for left, right in pairwise(steps))


def test_reading_the_state_is_one_query(django_assert_num_queries):
    services.current()
    with django_assert_num_queries(1):
        services.current()


def test_the_history_cannot_be_changed():
    apply(Action.ARM_AWAY)
    with pytest.raises(DatabaseError, match="append-only"):
        Event.objects.update(cause="nobody")
    with pytest.raises(DatabaseError, match="append-only"):
        Event.objects.all().delete()


def test_there_is_one_alarm():
    with pytest.raises(IntegrityError):
        Alarm.objects.create(pk=2)


def test_a_change_that_is_rolled_back_is_not_announced(monkeypatch):
    """The announcement is part of the transaction: here it fails, and takes the change with it."""
    before = services.current()

    def fail(group, message):
        raise RuntimeError

    monkeypatch.setattr(services, "announce", fail)
    with pytest.raises(RuntimeError):
        apply(Action.ARM_HOME)
    assert services.current() == before


def test_wrong_pins_are_counted_one_by_one_even_in_parallel(pin):
    def guess():
        pins.verify("0000")

    kinds = [type(result) for result in in_threads(*[guess] * 8)]
    assert kinds.count(pins.WrongPin) == pins.ATTEMPTS - 1
    assert kinds.count(pins.LockedOut) == 8 - pins.ATTEMPTS + 1


def test_the_pin_is_kept_as_an_argon2_hash(pin):
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM alarm_pin")
        (stored,) = cursor.fetchone()
    assert stored.startswith("argon2$argon2id$")
    assert PIN not in stored
