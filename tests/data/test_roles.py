"""The programs that serve have a role that cannot change the log, wherever the data came from."""

from __future__ import annotations

from pathlib import Path

from stack.compose import health
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.database.server import DATABASE, Server
from tests.support.invoke import inv

APP = "alarm_app"
RIGHTS = f"""
SELECT string_agg(privilege, ' ' ORDER BY privilege)
FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
WHERE has_table_privilege('{APP}', 'alarm_event', privilege)
"""
SERVING = f"""
SELECT DISTINCT usename FROM pg_stat_activity
WHERE datname = '{DATABASE}' AND application_name IN ('alarm', 'alarm broadcast', 'alarm leader')
"""


def require_role(project: Project) -> None:
    """Daphne and the worker serve with the role, which may read and add events, and no more."""
    health.wait_until_ready(project)
    database = Server(project)
    wait_until("the role of the app", lambda: database.ask(SERVING) == [APP], seconds=60)
    assert database.ask(RIGHTS, DATABASE) == ["INSERT SELECT"]


def test_a_fresh_database_a_restored_one_and_a_new_password(project: Project, backup: Path) -> None:
    require_role(project)
    restored = inv(project, "prod.restore", backup.name, "--yes")
    assert restored.returncode == 0, restored.stderr
    require_role(project)
    rotated = inv(project, "prod.rotate-password")
    assert rotated.returncode == 0, rotated.stderr
    require_role(project)
    checked = inv(project, "prod.manage", "verify_log")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "✓ The log is whole: " in checked.stdout
