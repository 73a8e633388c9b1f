"""The worker: a delay ends on time, once, and whatever happens to the worker in between."""

import signal
import threading

import pytest
from django.db import connection
from django.utils import timezone

from alarm import services
from alarm.management.commands import run_timers
from alarm.models import Alarm, Cause, Event
from alarm.transitions import Action
from config.apps import close_pool
from tests.conftest import command, finish, in_threads, terminate_backends, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start_worker():
    """A function that starts a worker in a thread; all are stopped at the end."""
    stop, workers = threading.Event(), []

    def work() -> None:
        try:
            run_timers.run(stop)
        finally:
            connection.close()

    def start() -> None:
        workers.append(threading.Thread(target=work))
        workers[-1].start()

    yield start
    stop.set()
    for worker in workers:
        worker.join(timeout=30)
        assert not worker.is_alive()


def arm() -> None:
    services.apply(Action.ARM_AWAY, Cause.API)


def is_state(state: str):
    return lambda: services.current()["state"] == state


def test_two_workers_end_a_delay_on_time_and_once(settings, start_worker):
    settings.ALARM_EXIT_DELAY = 0.5
    start_worker()
    start_worker()
    arm()
    until(is_state("armed_away"), what="the exit delay")
    armed, arming = Event.objects.order_by("-id")
    assert (armed.at - arming.at).total_seconds() >= 0.5
    assert (armed.cause, services.current()["sequence"]) == ("timer", 2)


def test_many_that_fire_at_the_same_moment_fire_once():
    arm()
    Alarm.objects.update(deadline=timezone.now())
    results = in_threads(*[services.fire_due] * 6)
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(result is None for result in results) == 5


def test_a_delay_that_still_runs_is_left_alone():
    arm()
    assert services.fire_due() is None
    assert services.current()["state"] == "arming"


def test_a_disarm_at_the_last_moment_wins():
    arm()
    services.apply(Action.DISARM, Cause.API)
    assert services.fire_due() is None
    assert services.current()["state"] == "disarmed"


def test_an_entry_delay_ends_in_the_alarm(settings, start_worker):
    settings.ALARM_EXIT_DELAY, settings.ALARM_ENTRY_DELAY = 0, 0.2
    arm()
    services.apply(Action.TRIGGER, Cause.COMMAND)
    start_worker()
    until(is_state("triggered"), what="the entry delay")


def test_a_worker_killed_in_mid_delay_loses_nothing(settings, same_database, start_worker):
    settings.ALARM_EXIT_DELAY = 0.3
    worker = command("manage.py", "run_timers", env=same_database)
    assert "Timers are running" in worker.stdout.readline()
    worker.kill()
    finish(worker)
    arm()
    deadline = services.next_deadline()
    until(lambda: timezone.now() > deadline, what="the deadline to pass without a worker")
    assert services.current()["state"] == "arming"
    start_worker()
    until(is_state("armed_away"), what="the next worker to catch up")


def test_a_worker_outlives_its_connection_and_says_so_once(settings, start_worker, caplog):
    close_pool()  # as in a worker's own process: no connection but the worker's
    start_worker()
    name = connection.settings_dict["OPTIONS"]["application_name"]

    def has_noticed() -> bool:
        # A connection that is cut while it is being made is made again without a word.
        terminate_backends(name)
        return "Timers wait for the database" in caplog.text

    until(has_noticed, what="the worker to lose its connection")
    settings.ALARM_EXIT_DELAY = 0.1
    arm()
    until(is_state("armed_away"), what="the worker to be back")
    assert caplog.text.count("Timers wait for the database") == 1


def test_sigterm_stops_a_worker_at_once(same_database):
    worker = command("manage.py", "run_timers", env=same_database)
    assert "Timers are running" in worker.stdout.readline()
    worker.send_signal(signal.SIGTERM)
    assert "Timers have stopped" in finish(worker)
    assert worker.returncode == 0
