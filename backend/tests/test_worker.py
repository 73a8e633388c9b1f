"""The worker: a delay ends on time and once, also when a worker fails meanwhile."""

import contextlib
import datetime as dt
import signal
import subprocess
import threading

import pytest
from django.db import connection
from django.utils import timezone

from alarm import clock, leader, retention, services, supervision, worker
from alarm.models import Alarm, Event, Worker
from config import health
from config.apps import close_pool
from core import database
from tests.actions import (
    arm,
    armed,
    disarm,
    fire_due,
    hear,
    is_state,
    make_sensor,
    set_delays,
    state,
)
from tests.conftest import command, finish, in_threads, terminate_backends, until

pytestmark = pytest.mark.django_db(transaction=True)
LEADER = "alarm leader"


class Parts:
    """The integrations, as a list of the requests to them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.release = threading.Event()
        self.release.set()

    def start(self) -> None:
        self.asked.append("start")
        self.release.wait(30)

    def stop(self) -> None:
        self.asked.append("stop")


@pytest.fixture
def parts():
    return Parts()


@pytest.fixture
def start_worker(parts, transactional_db):
    """A function that starts a worker in a thread; all are stopped at the end."""
    stop, threads = threading.Event(), []

    def work() -> None:
        try:
            worker.run(stop, worker.Integrations(parts.start, parts.stop))
        finally:
            connection.close()

    def start() -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    start.stop = stop
    yield start
    stop.set()
    parts.release.set()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()


@pytest.fixture
def start_process(same_database):
    """A function that starts a worker as a process and waits until it works."""
    processes = []

    def start(says: str = "This worker leads") -> subprocess.Popen:
        process = command("manage.py", "run_worker", env=same_database)
        processes.append(process)
        lines = []
        for line in process.stdout or ():
            lines.append(line)
            if says in line:
                return process
        raise AssertionError("".join(lines))

    yield start
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


def leaders() -> int:
    """Return how many sessions hold the lead; PostgreSQL allows one."""
    return len(leader_pids())


def leader_pids() -> list[int]:
    """Return PostgreSQL's processes of the sessions that hold the lead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND objid = %s AND granted"
            " AND datname = current_database()",
            [leader.LOCK],
        )
        return [pid for (pid,) in cursor.fetchall()]


def armings() -> int:
    return Event.objects.filter(to_state="armed_away", cause="timer").count()


# --- Timers ---------------------------------------------------------------------------------------


def test_two_workers_end_a_delay_on_time_and_once(start_worker):
    set_delays(exit_delay=1)
    start_worker()
    start_worker()
    arm()
    until(is_state("armed_away"), what="the exit delay")
    later, earlier = Event.objects.order_by("-id")
    assert (later.at - earlier.at).total_seconds() >= 1
    assert armings() == 1
    assert leaders() == 1


def test_many_that_fire_at_the_same_moment_fire_once():
    arm()
    Alarm.objects.update(deadline=timezone.now())
    results = in_threads(*[fire_due] * 6)
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(result is None for result in results) == 5
    assert armings() == 1


def test_a_delay_that_still_runs_is_left_alone():
    arm()
    assert fire_due() is None
    assert state() == "arming"


def test_a_disarm_at_the_last_moment_wins():
    arm()
    disarm()
    assert fire_due() is None
    assert state() == "disarmed"


@pytest.mark.parametrize("hours", [1, -1])
def test_a_delay_takes_its_seconds_however_the_clock_is_set_meanwhile(monkeypatch, hours):
    set_delays(exit_delay=60)
    passed, real = [0.0], timezone.now
    monkeypatch.setattr(clock, "steady_time", lambda: passed[0])
    timer = worker.Timer()
    arm()
    assert timer.tick() > 0
    monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(hours=hours))
    assert timer.tick() > 0
    passed[0] = 59.0
    assert timer.tick() > 0
    assert state() == "arming"
    passed[0] = 60.0
    assert timer.tick() == 0
    assert state() == "armed_away"


def test_a_worker_that_starts_under_a_clock_set_back_waits_for_the_delay_alone(monkeypatch):
    set_delays(exit_delay=60)
    arm()
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - dt.timedelta(hours=1))
    assert services.running_delay().remaining == 60


def test_an_entry_delay_ends_in_the_siren_and_the_siren_in_silence(start_worker):
    set_delays(entry_delay=1, siren_duration=1)
    door = make_sensor(type="entry_exit")
    armed("night")
    start_worker()
    hear(door)
    until(lambda: Event.objects.filter(to_state="triggered").exists(), what="the entry delay")
    until(is_state("armed_night"), what="the siren to end")


# --- Processes that end ---------------------------------------------------------------------------


def test_the_leader_is_killed_in_an_exit_delay_and_the_next_one_arms_on_time(start_process):
    set_delays(exit_delay=6)
    first = start_process()
    start_process("The worker is running")
    deadline = arm()["deadline"]
    first.kill()
    until(lambda: leaders() == 1 and Worker.objects.exists(), what="another leader")
    assert state() == "arming"
    until(is_state("armed_away"), what="the exit delay")
    event = Event.objects.get(to_state="armed_away")
    assert event.at.isoformat() >= deadline.replace("Z", "+00:00")
    assert armings() == 1


def test_a_worker_that_starts_late_catches_up(start_process):
    set_delays(exit_delay=1)
    process = start_process()
    process.kill()
    finish(process)
    arm()
    deadline = services.running_delay().deadline
    until(lambda: timezone.now() > deadline, what="the deadline to pass without a worker")
    assert state() == "arming"
    start_process()
    until(is_state("armed_away"), what="the next worker to catch up")


def test_a_leader_that_hangs_is_replaced_and_acts_no_more(start_process):
    """It is stopped like a process that waits for a dead disk; its connection stays open."""
    set_delays(exit_delay=1)
    first = start_process()
    second = start_process("The worker is running")
    before = until(leader_pids, what="the first one to lead")
    first.send_signal(signal.SIGSTOP)
    arm()
    until(is_state("armed_away"), what="the second worker to take over")
    assert leader_pids() not in ([], before)
    first.send_signal(signal.SIGCONT)
    for line in first.stdout:
        if "waits for the database" in line:  # it has found out
            break
    disarm()
    arm()
    until(is_state("armed_away"), what="the exit delay")
    assert armings() == 2
    assert leaders() == 1
    assert second.poll() is None


def test_sigterm_stops_a_worker_and_frees_the_lead(start_process):
    process = start_process()
    process.send_signal(signal.SIGTERM)
    assert "The worker has stopped" in finish(process)
    assert process.returncode == 0
    assert leaders() == 0


# --- Connections that are cut ---------------------------------------------------------------------


def test_a_leader_whose_connection_is_cut_stops_the_integrations_and_leads_again(
    start_worker, parts, caplog
):
    set_delays(exit_delay=1)
    start_worker()
    until(lambda: parts.asked == ["start"], what="the integrations to start")
    assert terminate_backends(LEADER) == 1
    until(lambda: parts.asked == ["start", "stop", "start"], what="them to stop and start again")
    arm()
    until(is_state("armed_away"), what="the worker to be back")
    assert caplog.text.count("The worker waits for the database") == 1


def test_a_worker_outlives_all_of_its_connections_and_logs_it_once(start_worker, caplog):
    caplog.set_level("INFO")
    close_pool()  # as in a worker's own process: no connection but the worker's
    start_worker()
    until(lambda: leaders() == 1, what="a leader")
    own = connection.settings_dict["OPTIONS"]["application_name"]

    def has_noticed() -> bool:
        # A connection that is cut while it opens is opened again without a log line.
        terminate_backends(LEADER)
        terminate_backends(own)
        return "The worker waits for the database" in caplog.text

    until(has_noticed, what="the worker to lose its connections")
    until(lambda: "the worker continues" in caplog.text, what="the worker to continue")
    set_delays(exit_delay=1)
    arm()
    until(is_state("armed_away"), what="the delay to end")


def test_a_waiting_worker_takes_over_when_the_leaders_connection_is_cut(start_process):
    set_delays(exit_delay=2)
    start_process()
    start_process("The worker is running")
    arm()
    terminate_backends(LEADER)  # both
    until(lambda: leaders() == 1, limit=30, what="one of them to lead again")
    until(is_state("armed_away"), what="the exit delay")
    assert armings() == 1


# --- Integrations ---------------------------------------------------------------------------------


def test_a_leader_that_waits_for_its_database_stops_the_integrations(
    start_worker, parts, monkeypatch
):
    """Another one may lead by the time its question is answered."""
    monkeypatch.setattr(leader, "LEASE", 0.2)
    answered = threading.Event()
    monkeypatch.setattr(services, "running_delay", lambda: answered.wait(30) and None)
    start_worker()
    until(lambda: parts.asked == ["start", "stop"], what="the integrations to stop")
    answered.set()
    until(lambda: parts.asked[2:3] == ["start"], what="them to start again")


def test_another_may_lead_only_after_the_leader_has_stopped():
    idle, interval, timeout = (
        int(database.LIMITS[f"tcp_{name}"].removesuffix("s"))
        for name in ("keepalives_idle", "keepalives_interval", "user_timeout")
    )
    noticed = idle + interval * int(database.LIMITS["tcp_keepalives_count"])
    assert leader.BEAT_EVERY * 2 < leader.LEASE
    assert leader.LEASE + 1 < leader.HUNG_AFTER < noticed
    assert timeout > leader.HUNG_AFTER
    assert leader.HUNG_AFTER + worker.WAIT_FOR_LEAD < health.SILENT_WORKER


def test_a_hanging_integration_does_not_delay_the_timers(start_worker, parts):
    set_delays(exit_delay=1)
    parts.release.clear()  # it hangs while it starts
    start_worker()
    until(lambda: parts.asked == ["start"], what="it to be started")
    arm()
    until(is_state("armed_away"), what="the exit delay")
    parts.release.set()


def test_a_failing_integration_does_not_stop_the_worker(start_worker, parts, caplog):
    def fail() -> None:
        raise RuntimeError("no broker")

    set_delays(exit_delay=1)
    parts.start = fail
    start_worker()
    arm()
    until(is_state("armed_away"), what="the exit delay")
    assert "An integration failed" in caplog.text


def test_only_the_leader_runs_the_integrations(start_worker, parts):
    for _ in range(3):
        start_worker()
    until(lambda: parts.asked == ["start"], what="one of them to start it")
    set_delays(exit_delay=1)
    arm()
    until(is_state("armed_away"), what="the exit delay")
    assert parts.asked == ["start"]
    start_worker.stop.set()


def test_the_leader_applies_the_retention(start_worker, monkeypatch):
    monkeypatch.setattr(worker, "RETENTION_PAUSE", 0)
    monkeypatch.setattr(retention, "STEP", 2)
    set_delays(retention_days=1)
    old = timezone.now() - dt.timedelta(days=3)
    for _ in range(5):
        Event.objects.create(at=old, cause="api")
    start_worker()
    until(lambda: not Event.objects.exists(), what="the old events to be gone")
    done = Worker.objects.filter(retention_at__isnull=False)
    until(done.exists, what="that to be noted")


def test_a_leader_gives_signs_of_life(start_worker, monkeypatch):
    monkeypatch.setattr(leader, "BEAT_EVERY", 0.05)
    assert leader.seconds_of_silence() is None
    start_worker()
    until(lambda: leader.seconds_of_silence() is not None, what="a first one")
    first = signs_of_life()
    until(lambda: signs_of_life() > first, what="another")
    assert leader.seconds_of_silence() < leader.HUNG_AFTER


def test_the_leader_notices_a_sensor_that_loses_contact(start_worker):
    make_sensor(heartbeat=60, last_heard_at=timezone.now() - dt.timedelta(seconds=59))
    start_worker()
    lost = Event.objects.filter(kind="trouble", detail="No contact.")
    until(lost.exists, what="the lost contact")
    assert lost.get().at >= timezone.now() - dt.timedelta(seconds=30)


def signs_of_life() -> dt.datetime:
    """Return the moment of the last one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(state_change) FROM pg_stat_activity WHERE pid = ANY(%s)", [leader_pids()]
        )
        return cursor.fetchone()[0]


def test_a_worker_at_rest_writes_nothing(start_worker, monkeypatch):
    """No row, and so no write to the disk, however often it gives a sign of life."""
    monkeypatch.setattr(leader, "BEAT_EVERY", 0.02)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(worker, "RETENTION_CHECK", 0.02)
    monkeypatch.setattr(supervision, "LONGEST_PAUSE", 0.02)
    make_sensor()
    lost = timezone.now() - dt.timedelta(days=2)
    make_sensor("Shed", no_contact=True, last_heard_at=lost)
    start_worker()
    until(Worker.objects.filter(retention_at__isnull=False).exists, what="the retention of today")
    moments, before = set(), versions()
    until(lambda: moments.add(signs_of_life()) or len(moments) > 20, what="signs of life")
    assert versions() == before


def versions() -> dict[str, list[tuple]]:
    """Return the version of every row, by table; each write makes another."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT xmin::text, ctid::text FROM "{table}"')
            found[table] = sorted(cursor.fetchall())
        return found
