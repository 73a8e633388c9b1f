"""Another version of the app, replica by replica, and another number of replicas."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from stack.backup import create, store
from stack.cluster import (
    converge,
    deploy,
    judge,
    members,
    nodes,
    preconditions,
    registry,
    service,
    spread,
    stop_upgrade,
    swarm,
)
from stack.cluster import exec as exec_
from stack.cluster import up as up_
from stack.cluster.cluster import Cluster
from stack.cluster.deploy import APP, APP_ONLY, Deployment
from stack.cluster.project import ClusterProject
from stack.cluster.service import Options
from stack.compose import lifecycle
from stack.core import signals
from stack.core.console import Failure, say
from stack.core.rollback import Undo, report_interrupt_after_commit
from stack.core.rollback import rollback as rolled_back
from stack.database import client, migrations
from stack.doctor import backend
from stack.engine import disk
from stack.images import app_image, base_images

MOST = 99
"""Replicas."""

TAKES_BACK = "Taking the version before back, one replica after another"


def scale(cluster: Cluster, words: str) -> None:
    """Run so many replicas, e.g. `app=4`, spread over the nodes. Raises Failure."""
    found = re.fullmatch(r"([\w-]+)=(\d+)", words)
    number = int(found[2]) if found else 0
    if not found or not 1 <= number <= MOST:
        raise Failure(
            f"{words!r} is not a service and a number from 1 to {MOST}.",
            "Type for example: inv cluster.scale app=4",
        )
    name = found[1]
    if name != APP:
        raise Failure(
            f"The service {name} cannot have several replicas; the app can.",
            "Type for example: inv cluster.scale app=4   (a database on three nodes: --ha)",
        )
    nodes.look_again(cluster)
    before = deploy.running_numbers(cluster).get(APP, 1)
    if number > before:
        preconditions.require_sessions(exec_.beside(cluster), number)
    since = datetime.now(UTC)
    service.set_number(cluster, number)
    try:
        converge.wait(cluster, since=since, only=APP_ONLY)
    except BaseException:
        # Replicas that no node can take would be tried for ever.
        with signals.uninterruptible():
            service.set_number(cluster, before)
        raise
    spread.spread(cluster, number)
    say(f"✓ {number} replicas of the app run, before {before}.", "green")


def upgrade(cluster: Cluster, options: Options) -> None:
    """Replace the running version, after a backup; Failure after a rollback."""
    backend.require(cluster.root, cluster.client)
    disk.require_room()
    if not options.may_be_verified():
        raise Failure(
            "The smoke checks cannot be made now, so no upgrade could be verified.",
            "What they say is above; correct it, then: inv cluster.upgrade",
        )
    preconditions.require_same_database(cluster)
    with store.lock(cluster.project):
        say("The new version is what git has checked out; for a newer one, first: git pull")
        deployment = up_.prepare(cluster)
        client.require_answer(deployment.project)
        before = service.serving_image(cluster)
        undo = Undo()
        with (
            report_interrupt_after_commit(undo, "the upgrade", "See: inv cluster.status"),
            rolled_back("The upgrade failed", undo),
        ):
            _take(deployment, options.image, undo)
            pending = judge.pending(deployment.project)
            registry.wait_until_it_answers(cluster.client, deployment.registry)
            references = deploy.push_images(deployment)
            if options.stop and pending:
                judge.tell(pending)
                stop_upgrade.run(deployment, references, options, undo)
            else:
                judge.require_additive(pending)
                _roll(deployment, references, pending, options, undo)
        tell(cluster, before, can_go_back=not (options.stop and pending))


def _take(deployment: Deployment, image: str, undo: Undo) -> None:
    """Build or pull the new image, under the name that the project starts."""
    project, sdk = deployment.project, deployment.cluster.client
    name = app_image.name(project.name)
    if base_images.is_local(sdk, name):
        undo.callback(app_image.tag, project.name, sdk.images.get(name), app_image.LATEST)
    if not image:
        lifecycle.build(project)
        return
    if not base_images.is_local(sdk, image):
        base_images.pull(image)
    app_image.tag(project.name, sdk.images.get(image), app_image.LATEST)


def _roll(
    deployment: Deployment,
    references: dict[str, str],
    pending: list[judge.Migration],
    options: Options,
    undo: Undo,
) -> None:
    """Apply what both versions can have, and let Swarm replace one replica after another."""
    cluster, project = deployment.cluster, deployment.project
    backup = create.create_backup(project, store.default(project))
    if pending:
        up_.rehearse(deployment, backup)
        up_.apply_additive(deployment)
    else:
        _require_known_schema(project, "The new version")
    since = datetime.now(UTC)
    made = deploy.make_file(deployment, references)
    undo.callback(take_back, cluster, service.serving_image(cluster))
    members.hand_over_others(deployment, made)
    converge.wait(
        cluster, since=since, title="Replacing one replica after another", only=_watched(cluster)
    )
    service.require_serving(cluster, made["services"][APP]["image"])
    if not options.verified():
        raise Failure(
            "The new version does not pass the smoke checks.",
            "What they found is above; correct it, then: inv cluster.upgrade",
        )


def take_back(cluster: Cluster, image: str) -> None:
    """Let the image serve that served before, replica by replica; also where Swarm has done it."""
    if service.serving_image(cluster) == image:
        return
    since = datetime.now(UTC)
    service.change(cluster, "rollback", f"{cluster.name}_{APP}")
    converge.wait(cluster, since=since, title=TAKES_BACK, rolls_back=True, only=APP_ONLY)
    if service.serving_image(cluster) != image:
        raise Failure(
            "Another version serves than the one before the upgrade.", "See: inv cluster.status"
        )


def rollback(cluster: Cluster) -> None:
    """Go back to the version before, where the data allows it. Raises Failure.

    Swarm's own rollback goes to the settings before, which are those before the last `.scale`.
    """
    before, now = service.image_before(cluster), service.serving_image(cluster)
    if not before:
        raise Failure(
            "There is no earlier version of the app to go back to.",
            "Take the one that you want: git checkout VERSION   then: inv cluster.upgrade",
        )
    with store.lock(cluster.project):
        exec_.have(cluster, before)
        project = exec_.beside(cluster, before)
        if judge.pending(project):
            raise Failure(
                "The version before has migrations that the database lacks.",
                "With a backup and a rehearsal: git checkout VERSION   then: inv cluster.upgrade",
            )
        _require_known_schema(project, "The version before")
        since = datetime.now(UTC)
        used = registry.of(cluster.root, swarm.data_address(cluster))
        service.set_image(cluster, used, before, now)
        converge.wait(cluster, since=since, title=TAKES_BACK, only=APP_ONLY)
        service.require_serving(cluster, before)
    tell(cluster, now)


def _require_known_schema(project: ClusterProject, what: str) -> None:
    """Raise Failure where the project's image would refuse the database as it is."""
    try:
        migrations.bring_up_to_date(project, up_.database_name(project))
    except Failure as failure:
        raise Failure(
            f"{what} cannot serve with the database as it is now; nothing was changed. "
            f"{failure.what}",
            failure.remedy,
        ) from failure


def _watched(cluster: Cluster) -> frozenset[str]:
    """What an upgrade waits for: not the members of the database, one of which may be away."""
    return frozenset(cluster.services()) - {*members.SERVICES}


def tell(cluster: Cluster, before: str, *, can_go_back: bool = True) -> None:
    """Say which versions served and serve, and how to go back."""
    now = service.serving_image(cluster)
    if now == before:
        say("✓ Nothing to replace: this version served already.", "green")
        return
    was, is_now = (described(cluster, image) for image in (before, now))
    say(f"✓ {cluster.name} runs {is_now}, before {was}.", "bold green")
    if can_go_back:
        say("To go back: inv cluster.rollback")
    else:
        say("The version before cannot serve with these migrations; its last backup has its data.")


def described(cluster: Cluster, image: str) -> str:
    """The version in an image that this engine has; else its tag."""
    tagged = image.partition("@")[0]
    if not base_images.is_local(cluster.client, tagged):
        return tagged.rpartition(":")[2]
    labels = cluster.client.images.get(tagged).labels
    label = "org.opencontainers.image."
    return f"{labels.get(label + 'version')} ({labels.get(label + 'revision')})"
