"""What holds for every set of values, beyond what schemas and scanners know."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.chart.rendering import NAME, Object, Rendered, render

SAFE_SYSCTLS = {"net.ipv4.ip_unprivileged_port_start"}
VOLUMES = {"emptyDir", "secret", "persistentVolumeClaim"}
WRITABLE = {"/tmp", "/run/app", "/app/media"}


def faults(values: Object) -> Iterator[str]:
    """What the objects of these values break, as lines."""
    rendered = render(values)
    if rendered != render(values):
        yield "two renderings differ: something is made up"
    for promise in PROMISES:
        for fault in promise(rendered, values):
            yield f"{promise.__name__}: {fault}"


def pods(rendered: Rendered) -> Iterator[tuple[str, Object]]:
    """The name and the specification of each pod."""
    for each in rendered.objects:
        if each["kind"] in ("Deployment", "Pod"):
            pod = each["spec"]["template"] if each["kind"] == "Deployment" else each
            yield each["metadata"]["name"], pod["spec"]


def app(rendered: Rendered) -> Object:
    """The pod of the app, as the Deployment has it."""
    return dict(rendered.of("Deployment")["spec"]["template"])


def restricted(rendered: Rendered, values: Object) -> Iterator[str]:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted"""
    for name, spec in pods(rendered):
        security = spec["securityContext"]
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.get(key):
                yield f"{name} has {key}"
        if spec["automountServiceAccountToken"]:
            yield f"{name} gets a token of the cluster"
        if {sysctl["name"] for sysctl in security.get("sysctls", ())} - SAFE_SYSCTLS:
            yield f"{name} sets a sysctl that is not safe"
        for volume in spec.get("volumes", ()):
            if not VOLUMES & set(volume):
                yield f"{name} has a volume of another kind: {volume}"
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            wanted = {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
                "seccompProfile": {"type": "RuntimeDefault"},
            }
            if container["securityContext"] != wanted:
                yield f"{name}: {container['name']} has {container['securityContext']}"
            limits = container["resources"]["limits"]
            if not {"cpu", "memory"} <= set(limits):
                yield f"{name}: {container['name']} has the limits {limits}"


def any_user(rendered: Rendered, values: Object) -> Iterator[str]:
    """Only what any user may write is mounted to be written; a user is set where values say so."""
    chosen = values.get("pod", {}).get("runAsUser")
    for name, spec in pods(rendered):
        if spec["securityContext"].get("runAsUser") != chosen:
            yield f"{name} has the user {spec['securityContext'].get('runAsUser')}"
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            for mount in container.get("volumeMounts", ()):
                if not mount.get("readOnly") and mount["mountPath"] not in WRITABLE:
                    yield f"{name} may write {mount['mountPath']}"
        for volume in spec.get("volumes", ()):
            if "secret" in volume and volume["secret"]["defaultMode"] != 0o444:
                yield f"{name}: another user cannot read {volume['name']}"


def no_gap(rendered: Rendered, values: Object) -> Iterator[str]:
    """A rolling update takes no pod away before another is ready, and none that still serves."""
    spec = rendered.of("Deployment")["spec"]
    if spec["strategy"]["type"] == "RollingUpdate":
        if spec["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
            yield "old pods go before new ones are ready"
    elif values.get("strategy") != "Recreate":
        yield f"the strategy is {spec['strategy']}"
    if ("replicas" in spec) == values.get("autoscaling", {}).get("enabled", False):
        yield "the number of pods has two homes, or none"
    (container,) = app(rendered)["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if container[probe]["exec"]["command"][-1] != "healthcheck":
            yield f"{probe} asks something else"
    if "HEALTH_PATH=/api/health/live/" not in container["livenessProbe"]["exec"]["command"]:
        yield "a database that is away would restart every pod"


def secrets_stay_secret(rendered: Rendered, values: Object) -> Iterator[str]:
    """What is secret is in Secrets only, and reaches the app as files."""
    secret = {
        base64.b64decode(text).decode()
        for each in rendered.objects
        if each["kind"] == "Secret"
        for name, text in each["data"].items()
        if name != "database_ca"  # a certificate
    }
    others = [each for each in rendered.objects if each["kind"] != "Secret"]
    text = json.dumps(others) + rendered.notes
    yield from (f"“{word}” is in another object" for word in secret if word in text)
    mounts = {mount["mountPath"] for mount in _container(rendered)["volumeMounts"]}
    for name, path in rendered.of("ConfigMap")["data"].items():
        if name.endswith("_FILE") and path.rpartition("/")[0] not in mounts:
            yield f"{name} leads to {path}, where nothing is mounted"


def references(rendered: Rendered, values: Object) -> Iterator[str]:
    """Each object that another names is made, or is one that the values say is there."""
    made = {(each["kind"], each["metadata"]["name"]) for each in rendered.objects}
    given = json.dumps(values)
    of_operator = (
        {f"{NAME}-db-app", f"{NAME}-db-ca"} if ("Cluster", f"{NAME}-db") in made else set()
    )
    for volume in app(rendered)["spec"]["volumes"]:
        if source := volume.get("secret"):
            name = ("Secret", source["secretName"])
            known = f'"{name[1]}"' in given or name[1] in of_operator
            if name not in made and not known:
                yield f"there is no Secret {name[1]}"
            keys = {item["key"] for item in source["items"]}
            if name in made and not keys <= set(rendered.of(*name)["data"]):
                yield f"the Secret {name[1]} lacks one of {keys}"
        claim = volume.get("persistentVolumeClaim")
        if claim and ("PersistentVolumeClaim", claim["claimName"]) not in made:
            yield f"there is no claim {claim['claimName']}"
    if ("ConfigMap", _container(rendered)["envFrom"][0]["configMapRef"]["name"]) not in made:
        yield "there is no ConfigMap of the settings"


def selectors(rendered: Rendered, values: Object) -> Iterator[str]:
    """What selects pods selects the app's, and not the pod of `helm test`."""
    labels, tests = app(rendered)["metadata"]["labels"], rendered.of("Pod", f"{NAME}-test")
    for each in rendered.objects:
        spec: Any = each.get("spec", {})
        chosen = spec.get("podSelector") or spec.get("selector")
        if not chosen:
            continue
        wanted = chosen.get("matchLabels", chosen)
        what = f"{each['kind']} {each['metadata']['name']}"
        if not wanted.items() <= labels.items():
            yield f"{what} selects no pod of the app"
        if wanted.items() <= tests["metadata"]["labels"].items():
            yield f"{what} selects the pod of `helm test`"


def way_in(rendered: Rendered, values: Object) -> Iterator[str]:
    """Each request of the Ingress's host goes to the Service, and from there to Nginx."""
    named = {port["name"]: port["containerPort"] for port in _container(rendered)["ports"]}
    (http,) = rendered.of("Service")["spec"]["ports"]
    if named.get(http["targetPort"]) != 80:
        yield f"the Service leads to {http['targetPort']}"
    if "Ingress" in rendered.kinds():
        (rule,) = rendered.of("Ingress")["spec"]["rules"]
        target = {"service": {"name": NAME, "port": {"name": http["name"]}}}
        if rule["http"]["paths"] != [{"path": "/", "pathType": "Prefix", "backend": target}]:
            yield f"the Ingress leads to {rule['http']['paths']}"
        if rule["host"] not in rendered.of("ConfigMap")["data"]["ALARM_HOSTS"].split(","):
            yield "the panel does not accept the Ingress's host"
    if "HorizontalPodAutoscaler" in rendered.kinds():
        scaled = rendered.of("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
        if (scaled["kind"], scaled["name"]) != ("Deployment", NAME):
            yield f"the autoscaler scales {scaled}"


def notes(rendered: Rendered, values: Object) -> Iterator[str]:
    """The notes have an address and the way to the setup token."""
    host = values.get("ingress", {}).get("host", "")
    if "manage.py setup_token" not in rendered.notes:
        yield "nothing about the setup token"
    if host and f"https://{host}" not in rendered.notes:
        yield f"they do not name https://{host}"


def _container(rendered: Rendered) -> Object:
    return dict(app(rendered)["spec"]["containers"][0])


PROMISES: tuple[Callable[[Rendered, Object], Iterator[str]], ...] = (
    *(restricted, any_user, no_gap, secrets_stay_secret, references, selectors, way_in, notes),
)
