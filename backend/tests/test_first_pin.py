"""The migration from the PIN of the first version to codes."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from people import codes
from people.models import Code

pytestmark = pytest.mark.django_db(transaction=True)
OLD = [("alarm", "0001_initial"), ("people", None)]
# PIN 2580, as the first version stored it.
HASH = (
    "argon2$argon2id$v=19$m=102400,t=2,p=8$"
    "UGJmdXhzcEVqdkpnbXdHa0lPR2p2QQ$rK/deK6ruz0gvjvLWW8jpjKQHmCRmZr5VjPGZoLXAtc"
)


@pytest.fixture
def old_apps():
    """The models of the first version, in a database that has no others; migrated at the end."""
    executor = MigrationExecutor(connection)
    executor.migrate(OLD)
    yield executor.loader.project_state([("alarm", "0001_initial")]).apps
    migrate()


def migrate() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.parametrize("failures", [0, 4])
def test_the_old_pin_still_disarms(old_apps, failures):
    old_apps.get_model("alarm", "Pin").objects.create(hash=HASH, failures=failures)
    old_apps.get_model("alarm", "Event").objects.create(
        at="2026-01-01T00:00:00Z", from_state="disarmed", to_state="arming", cause="api"
    )
    migrate()
    code = Code.objects.get()
    assert (code.label, code.status, code.person) == ("First PIN", "active", None)
    assert codes.verify("2580", "test") == code
    assert codes.create("1111", "Next").pepper == Code.objects.get(pk=code.pk).pepper != ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('alarm_pin'), (SELECT count(*) FROM alarm_event)")
        assert cursor.fetchone() == (None, 1)


def test_without_an_old_pin_there_is_no_code(old_apps):
    migrate()
    assert not Code.objects.exists()
