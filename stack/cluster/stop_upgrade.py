"""An upgrade whose migrations old replicas cannot share: stop them, migrate, start the new ones.

As `inv prod.upgrade` does it: rehearsed on a copy, with a copy kept until the new version works.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from stack.backup import create, store
from stack.cluster import converge, deploy, members, service
from stack.cluster import up as up_
from stack.cluster.deploy import APP, APP_ONLY, Deployment
from stack.cluster.service import Options
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo
from stack.database import migrations, promote
from stack.database.promote import KEPT, TEMPORARY
from stack.database.server import Server

SECONDS_TO_STOP, SECONDS_TO_START = 8, 12
"""What a replica takes on a machine of middle speed, for the estimate."""


def run(deployment: Deployment, references: dict[str, str], options: Options, undo: Undo) -> None:
    """Do it all; the caller rolls back."""
    cluster, project = deployment.cluster, deployment.project
    backup = create.create_backup(project, store.default(project))
    seconds = up_.rehearse(deployment, backup)
    gap = SECONDS_TO_STOP + seconds + SECONDS_TO_START
    options.agree(f"The panel will not answer for about {gap:.0f} s, on all nodes.")
    database = Server(project)
    number = deploy.running_numbers(cluster)[APP]
    copy = KEPT + promote.stamp()
    unavailable_since = time.monotonic()
    old = service.serving_image(cluster), service.image_before(cluster)
    undo.callback(_start_again, deployment, number)
    service.stop(cluster, "Stopping the old version on all nodes")
    undo.callback(_restore_data, database, copy)
    with step("Keeping a copy of the database"):
        database.create(copy, template=database.name)
    with step("Migrating the database"):
        migrations.bring_up_to_date(project, database.name)
    undo.callback(_old_version, deployment, *old)
    since = datetime.now(UTC)
    made = deploy.make_file(deployment, references, {APP: number})
    members.hand_over_others(deployment, made)
    converge.wait(cluster, since=since, only=APP_ONLY)
    service.require_serving(cluster, made["services"][APP]["image"])
    say(f"The panel did not answer for {time.monotonic() - unavailable_since:.1f} s.")
    if not options.verified():
        raise Failure(
            "The new version does not pass the smoke checks.",
            "What they found is above; correct it, then: inv cluster.upgrade --stop",
        )
    with signals.uninterruptible():
        undo.commit()
        database.drop(copy)


def _restore_data(database: Server, copy: str) -> None:
    """Restore the data as it was before the migrations."""
    if copy not in database.databases():
        return
    if database.migrations() != database.migrations(copy):
        failed = TEMPORARY + promote.stamp()
        database.exchange(copy, failed)
        database.drop(failed)
    else:
        database.drop(copy)


def _old_version(deployment: Deployment, image: str, before: str) -> None:
    """Stop what the new version has started, and let the old image be the one that starts.

    `before` is the image of the version before that one, to which a rollback still goes.
    """
    service.stop(deployment.cluster, "Stopping the new version on all nodes")
    service.set_image(deployment.cluster, deployment.registry, image, before)


def _start_again(deployment: Deployment, number: int) -> None:
    since = datetime.now(UTC)
    service.set_number(deployment.cluster, number)
    converge.wait(
        deployment.cluster,
        since=since,
        title="Starting the old version again",
        only=APP_ONLY,
    )
