"""The two releases that Podman plays, which stand for two pods of one."""

from __future__ import annotations

import yaml

from tests.chart import rendering
from tests.chart.rendering import Object

KINDS = {"ConfigMap", "Deployment", "PersistentVolumeClaim", "Pod", "Secret"}
"""What Podman plays."""

USERS = {"one": 1000680000, "two": 10001}
"""By release, its user: as OpenShift assigns one, and the image's own."""

PORTS = {"one": 5427, "two": 5428}
PASSWORD = "of-the-owner-17"

VALUES: Object = {
    "image": {"repository": "localhost/alarm", "tag": "latest", "pullPolicy": "Never"},
    "secrets": {
        "secretKey": "of-the-tests-and-of-nothing-else-at-all-0123456789-0123",
        "pinPepper": "of-the-tests-and-of-nothing-else-0123",
    },
    "database": {"url": "postgresql://alarm@database/alarm_db", "password": PASSWORD},
    "settings": {"ALARM_EXIT_DELAY": 1, "ALARM_ENTRY_DELAY": 1},
}


def objects(release: str) -> list[Object]:
    """A release's objects that Podman plays, with the names and the user of that release.

    Both have the name of one project, as two pods of a Deployment have.
    """
    values = rendering.merged(VALUES, {"pod": {"runAsUser": USERS[release]}})
    text = yaml.safe_dump_all(o for o in rendering.render(values).objects if o["kind"] in KINDS)
    found: list[Object] = list(yaml.safe_load_all(text.replace(rendering.NAME, name_of(release))))
    for each in found:
        if each["kind"] == "ConfigMap":
            each["data"]["PROJECT_NAME"] = rendering.NAME
        if each["kind"] == "Deployment":
            _keep_what_is_written(each["spec"]["template"]["spec"], release)
    return found


def _keep_what_is_written(pod: Object, release: str) -> None:
    """As the kubelet does when a container of the pod restarts; Podman does it on disk only.

    There, volumes of a name are one volume for all pods.
    """
    names = {v["name"]: f"{release}-{v['name']}" for v in pod["volumes"] if "emptyDir" in v}
    for volume in pod["volumes"]:
        if volume["name"] in names:
            volume |= {"name": names[volume["name"]], "emptyDir": {}}
    for container in (*pod["initContainers"], *pod["containers"]):
        for mount in container["volumeMounts"]:
            mount["name"] = names.get(mount["name"], mount["name"])


def name_of(release: str) -> str:
    return f"{release}-alarm"
