"""An external database: what its address may be, and which servers a start refuses."""

import os
import runpy
import subprocess
import sys

import pytest

from core import database, database_role
from tests.conftest import BACKEND, command, environment, finish, until
from tests.database_servers import DATABASE, OWNER, PASSWORD, Server, url, using

BIN = BACKEND.parent / "docker" / "common" / "bin"
HOSTS = "db1.lan,db2.lan:6000"
ADDRESS = f"postgresql://{OWNER}:p%40ss@{HOSTS}/panel?sslmode=verify-full"


@pytest.fixture
def read(monkeypatch):
    """A function that reads the address from a given environment."""

    def from_environment(**variables: str) -> database.Database:
        for name in os.environ:
            if name.startswith(("POSTGRES_", "DATABASE_")):
                monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return database.from_environment(production=True)

    return from_environment


def test_a_url_may_name_several_servers_of_which_the_writable_one_is_used(read):
    found = read(DATABASE_URL=ADDRESS)
    entry = database.for_django(found.serving())
    assert (entry["HOST"], entry["PORT"]) == ("db1.lan,db2.lan", ",6000")
    assert (entry["NAME"], entry["USER"]) == ("panel", "owner_app")
    assert entry["PASSWORD"] == database_role.password("p@ss")
    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry["OPTIONS"]["target_session_attrs"] == "read-write"
    for limit in ("lock_timeout=5s", "tcp_keepalives_idle=3s", "tcp_user_timeout=5s"):
        assert f"-c {limit}" in entry["OPTIONS"]["options"]
    owner = database.for_django(found.owning())
    assert (owner["USER"], owner["PASSWORD"]) == ("owner", "p@ss")


def test_behind_a_pooler_sessions_and_the_owner_go_to_the_server_itself(read):
    direct = "postgresql://owner:p@server.lan/panel?options=-cwork_mem%3D8MB"
    found = read(
        DATABASE_URL="postgresql://owner:p@pooler.lan:6432/alias", DATABASE_DIRECT_URL=direct
    )
    assert found.has_pooler
    assert (found.serving()["host"], found.serving()["dbname"]) == ("pooler.lan", "alias")
    assert "options" not in found.serving()
    for parameters in (found.owning(), found.listening()):
        assert (parameters["host"], parameters["dbname"]) == ("server.lan", "panel")
        assert parameters["options"].endswith(" -cwork_mem=8MB")
    assert (found.owning()["user"], found.listening()["user"]) == ("owner", "owner_app")


def test_the_password_may_be_a_file_of_its_own_and_so_may_the_address(read, tmp_path):
    (tmp_path / "url").write_text("postgresql://owner@db.lan/panel\n")
    (tmp_path / "ca").write_text("…")
    found = read(
        DATABASE_URL_FILE=str(tmp_path / "url"),
        POSTGRES_PASSWORD="of-the-file",
        POSTGRES_DB="rehearsal",
        DATABASE_CA_FILE=str(tmp_path / "ca"),
        DATABASE_APP_USER="panel_serves",
        DATABASE_APP_PASSWORD="own",
    )
    assert found.direct["password"] == "of-the-file"
    assert found.direct["dbname"] == "rehearsal"
    assert found.direct["sslrootcert"] == str(tmp_path / "ca")
    assert found.direct["sslmode"] == "verify-full"
    assert found.app_role == ("panel_serves", "own")
    assert not found.makes_app_role


def test_the_stacks_own_database_comes_first(read):
    """app-environment makes a DATABASE_URL of it."""
    found = read(DATABASE_URL=ADDRESS, POSTGRES_HOST="db", POSTGRES_PASSWORD="Long-enough-9")
    assert not found.is_external
    assert found.direct["host"] == "db"


def test_behind_the_stacks_own_address_a_standby_is_never_used(read):
    """In a cluster the address is HAProxy's. A lock at a standby would make a second leader."""
    found = read(POSTGRES_HOST="db", POSTGRES_PASSWORD="Long-enough-9")
    for parameters in (found.serving(), found.listening(), found.owning()):
        assert parameters["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(("seconds", "idle", "interval"), [(3, 1, 1), (4, 2, 1), (9, 5, 2)])
def test_a_silent_server_is_given_up_after_the_seconds_that_are_set(read, seconds, idle, interval):
    given = {"POSTGRES_HOST": "db", "POSTGRES_PASSWORD": "Long-enough-9"}
    found = read(**given, POSTGRES_SILENCE_SECONDS=str(seconds)).serving()
    assert (found["keepalives_idle"], found["keepalives_interval"]) == (idle, interval)
    assert idle + found["keepalives_count"] * interval == seconds
    assert found["tcp_user_timeout"] == seconds * 1000


def test_the_seconds_have_bounds(read):
    with pytest.raises(SystemExit, match="POSTGRES_SILENCE_SECONDS=2 is wrong"):
        read(POSTGRES_HOST="db", POSTGRES_PASSWORD="Long-enough-9", POSTGRES_SILENCE_SECONDS="2")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mysql://owner:secret@db/panel", "is not the address"),
        ("postgresql://owner:secret@db/panel?sslmod=x", "is not the address"),
        ("postgresql://owner:secret@db", "the database: write"),
        ("postgresql://db.lan/panel", "the user: write"),
        ("postgresql://owner@db/panel", "has no password"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(read, given, expected):
    with pytest.raises(SystemExit, match=expected) as refused:
        read(DATABASE_URL=given)
    assert "secret" not in str(refused.value)


def test_another_installation_has_another_number():
    numbers = {database.installation(pepper) for pepper in ("one", "two", "three")}
    assert len(numbers) == 3
    assert all(0 <= number < 2**31 for number in numbers)


def test_a_copy_in_another_cluster_has_another_number_too():
    numbers = {database.place(name) for name in ("", "swarm-1/home", "swarm-2/home")}
    assert len(numbers) == 3
    assert all(0 <= number < 2**31 for number in numbers)


# --- With a server of its own ---------------------------------------------------------------------


@pytest.fixture
def server():
    server = Server()
    try:
        yield server.make().start()
    finally:
        server.remove()


def start(database_url: str, **changes: str) -> tuple[int, list[str]]:
    """Prepare the database as the container's start does; return the status and the lines."""
    given = {"BACKEND_PREFIXES": "/api/", "DATABASE_WAIT_SECONDS": "1", **changes}
    process = command(
        *(str(BIN / "migrate-and-exec"), sys.executable, "-c", "print('started')"),
        env=using(database_url, RUN_DIR=os.environ["TMPDIR"], **given),
    )
    output = finish(process)
    return process.returncode, [line.removeprefix("prepare    | ") for line in output.splitlines()]


def refusal(database_url: str, **changes: str) -> tuple[str, str]:
    """Return the two lines of a start that is refused; the password is in none."""
    status, lines = start(database_url, **changes)
    assert status == 1, lines
    assert PASSWORD not in "".join(lines)
    assert "Traceback" not in "".join(lines)
    return lines[-2], lines[-1]


@pytest.fixture(autouse=True)
def run_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_role_that_may_make_no_roles_needs_one_that_an_administrator_has_made(server):
    server.make_database(attributes="NOCREATEROLE")
    what, remedy = refusal(url(server))
    assert what == "The role owner may not make the role owner_app, which serves."
    assert remedy.startswith("As the server's administrator: ALTER ROLE owner CREATEROLE")

    given = {"DATABASE_APP_USER": "serves", "DATABASE_APP_PASSWORD": "of-the-app"}
    what, _ = refusal(url(server), **given)
    assert what == "There is no role serves, which DATABASE_APP_USER names."
    server.ask("CREATE ROLE serves LOGIN PASSWORD 'of-the-app'; GRANT owner TO serves", "postgres")
    what, _ = refusal(url(server), **given)
    assert what == "The role serves, of DATABASE_APP_USER, could change history."
    server.ask("REVOKE owner FROM serves", "postgres")
    assert start(url(server), **given)[1][-1] == "started"
    assert rights(server, "serves") == ["INSERT SELECT"]


def rights(server: Server, role: str) -> list[str]:
    """Return what a role may do to the history."""
    return server.ask(
        "SELECT string_agg(privilege, ' ' ORDER BY privilege)"
        " FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege"
        f" WHERE has_table_privilege('{role}', 'alarm_event', privilege)"
    )


def test_an_owner_that_is_no_superuser_makes_the_role_that_serves(server):
    server.make_database()
    for _ in range(2):  # the second start changes it
        assert start(url(server))[1][-1] == "started"
    assert rights(server, "owner_app") == ["INSERT SELECT"]


def test_a_database_in_which_no_table_can_be_made_is_refused(server):
    server.make_database()
    server.ask(f"ALTER DATABASE {DATABASE} OWNER TO postgres", "postgres")
    what, remedy = refusal(url(server))
    assert what == "The role owner may not make tables in the database panel."
    assert remedy == "As the server's administrator: ALTER DATABASE panel OWNER TO owner"


def test_two_installations_do_not_share_a_database(server):
    server.make_database()
    first, second = ("a" * 31 + "1", "a" * 31 + "2")
    assert start(url(server), PIN_PEPPER=first)[1][-1] == "started"
    worker = command(
        "manage.py", "run_worker", env=using(url(server), APP_SERVES="true", PIN_PEPPER=first)
    )
    try:
        marks = "SELECT count(*) FROM pg_locks WHERE objsubid = 2"
        until(lambda: server.ask(marks) == [2], what="the worker")
        what, remedy = refusal(url(server), PIN_PEPPER=second)
        assert what == "Another installation of the panel uses this database."
        assert remedy.startswith("Give this one a database of its own")
        assert start(url(server), PIN_PEPPER=first)[1][-1] == "started"
    finally:
        worker.terminate()
        finish(worker)
    assert start(url(server), PIN_PEPPER=second)[1][-1] == "started", "it was stopped"


def test_two_clusters_with_the_same_secrets_do_not_share_a_database(server):
    server.make_database()
    here, elsewhere = {"INSTALLATION_PLACE": "swarm-1/home"}, {"INSTALLATION_PLACE": "swarm-2/home"}
    assert start(url(server), **here)[1][-1] == "started"
    worker = command("manage.py", "run_worker", env=using(url(server), APP_SERVES="true", **here))
    try:
        marks = "SELECT count(*) FROM pg_locks WHERE objsubid = 2"
        until(lambda: server.ask(marks) == [2], what="the worker")
        for other in (elsewhere, {}):
            what, _ = refusal(url(server), **other)
            assert what == "Another installation of the panel uses this database."
        assert start(url(server), **here)[1][-1] == "started", "another node of the same cluster"
    finally:
        worker.terminate()
        finish(worker)
    assert start(url(server), **elsewhere)[1][-1] == "started", "it was stopped"


def test_a_replica_alone_a_server_without_tls_and_a_wrong_name_are_refused(server):
    server.make_database()
    replica = Server()
    try:
        what, remedy = refusal(url(replica.copy_of(server).start()))
    finally:
        replica.remove()
    assert what.startswith("The database was a read-only replica for 1 s: ")
    assert remedy == "Name the primary in DATABASE_URL, or all servers of the cluster"
    what, _ = refusal(url(server, more="?sslmode=require"))
    assert what.startswith("The database has no TLS, which DATABASE_URL demands: ")
    what, _ = refusal(url(server).replace(f"/{DATABASE}", "/other"))
    assert what.startswith("The database that DATABASE_URL names does not exist: ")


def test_a_server_that_is_too_old_is_refused(server, tmp_path):
    """No server is older than what Django takes, so Django is told to take none."""
    server.make_database()
    (tmp_path / "sitecustomize.py").write_text(
        "from django.db.backends.postgresql.features import DatabaseFeatures\n"
        "DatabaseFeatures.minimum_database_version = (99,)\n"
    )
    what, remedy = refusal(url(server), PYTHONPATH=str(tmp_path))
    assert what.startswith("The database is too old for this version: PostgreSQL 99 or later")
    assert remedy.startswith("Move it to a newer version of PostgreSQL")


def test_a_full_disk_is_named_and_nothing_is_lost(server):
    """The panel's tables lie on a disk of 200 KiB; it needs the rights to mount one."""
    server.make_database()
    place = server.folder / "small"
    place.mkdir()
    owner = server.data.stat()
    options = f"size=200k,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a file system")
    try:
        server.ask(f"CREATE TABLESPACE small LOCATION '{place}'", "postgres")
        server.ask(f"GRANT CREATE ON TABLESPACE small TO {OWNER}", "postgres")
        server.ask(f"ALTER ROLE {OWNER} SET default_tablespace = small", "postgres")
        what, remedy = refusal(url(server))
        assert "The database's disk is full: " in what
        assert remedy.startswith("Make room there")
        assert server.ask("SELECT to_regclass('people_person')") == [None], "a half was kept"
        server.ask(f"ALTER ROLE {OWNER} RESET default_tablespace", "postgres")
        assert start(url(server))[1][-1] == "started"
        server.ask("DROP TABLESPACE small", "postgres")
    finally:
        server.kill()
        subprocess.run(["umount", place], check=True)


def test_the_settings_take_the_address(monkeypatch):
    for name in os.environ.keys() - environment().keys():
        monkeypatch.delenv(name, raising=False)
    for name, value in using(ADDRESS, APP_SERVES="true").items():
        monkeypatch.setenv(name, value)
    settings = runpy.run_path(str(BACKEND / "config" / "settings.py"))
    assert settings["DATABASES"]["default"]["USER"] == "owner_app"
    assert settings["DATABASES"]["default"]["DISABLE_SERVER_SIDE_CURSORS"] is False
