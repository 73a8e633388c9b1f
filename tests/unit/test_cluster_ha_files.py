"""compose/cluster-ha.yml and Patroni's configuration: what they must have in any version."""

from __future__ import annotations

import re
import runpy
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from stack.cluster import ha
from stack.cluster.networks import INTERNAL, OF_MEMBERS
from stack.cluster.project import CLIENT, FILES, OF_SEVERAL_NODES, OWN_DATABASE
from stack.config.modes import PROD, ROOT
from stack.database.server import DATABASE, ROLE
from tests.support.composed import composed

POSTGRES = ROOT / "docker" / "cluster" / "postgres"
SETTINGS = (POSTGRES / "patroni.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    files = [f"compose/{name}.yml" for name in ("base", "prod", "database", "cluster-ha")]
    return composed(*files, COMPOSE_PROJECT_NAME="house")


def test_each_member_and_each_etcd_has_its_node_and_its_volume(config: dict[str, Any]) -> None:
    for kind in ("etcd", "postgres"):
        for number in ha.NUMBERS:
            service = config["services"][f"{kind}{number}"]
            constraints = service["deploy"]["placement"]["constraints"]
            assert constraints == [f"node.labels.{ha.LABEL} == {number}"]
            assert [volume["source"] for volume in service["volumes"]] == [f"{kind}{number}_data"]
            assert service["deploy"]["update_config"]["order"] == "stop-first"


def test_only_haproxy_has_the_apps_network_where_its_name_is_db(config: dict[str, Any]) -> None:
    services = config["services"]
    assert "db" not in services
    assert services["app"]["environment"]["POSTGRES_HOST"] == "db"
    assert services["haproxy"]["networks"]["inside"] == {"aliases": ["db"]}
    within = {name for name, service in services.items() if "database" in service["networks"]}
    assert within == {"etcd1", "etcd2", "etcd3", *ha.MEMBERS, "haproxy"}
    assert config["networks"]["database"]["internal"]
    for name in within - {"haproxy"}:
        assert list(services[name]["networks"]) == ["database"], name
        assert "ports" not in services[name], name


def test_what_runs_there_has_no_rights_and_no_secret_in_its_settings(
    config: dict[str, Any],
) -> None:
    for name in (*ha.MEMBERS, "etcd1", "etcd2", "etcd3", "haproxy"):
        service = config["services"][name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert not [key for key in service.get("environment", {}) if "PASSWORD" in key], name
    mounted = {secret["source"] for secret in config["services"]["postgres1"]["secrets"]}
    assert mounted == {*ha.SECRETS, "postgres_password"}


def test_the_app_and_the_members_agree_on_the_role_and_the_database(
    config: dict[str, Any],
) -> None:
    for name in ("app", "postgres1"):
        environment = config["services"][name]["environment"]
        assert (environment["POSTGRES_USER"], environment["POSTGRES_DB"]) == (ROLE, DATABASE)


def setting(name: str) -> int:
    (found,) = re.findall(rf"^ *{name}: (\d+)$", SETTINGS, re.M)
    return int(found)


class Etcd3:
    """In place of Patroni's class, which is not installed here: what it is told."""

    def __init__(self, config: dict[str, Any], mpp: object) -> None:
        self.ttl = config["ttl"]

    def set_ttl(self, ttl: int) -> None:
        self.ttl = ttl

    def reload_config(self, config: dict[str, Any]) -> None:
        self.set_ttl(config["ttl"])


class Refused(Exception):
    """In place of PatroniFatalException."""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Any:
    fakes = {
        "patroni.dcs.etcd3": SimpleNamespace(Etcd3=Etcd3),
        "patroni.exceptions": SimpleNamespace(PatroniFatalException=Refused),
    }
    for name, content in fakes.items():
        module = ModuleType(name)
        vars(module).update(vars(content))
        monkeypatch.setitem(sys.modules, name, module)
    of_lease = runpy.run_path(str(POSTGRES / "etcd3lease.py"))["Etcd3Lease"]
    return of_lease({"lease": setting("lease"), "ttl": setting("ttl")}, None)


def test_the_lease_is_ours_and_not_patronis_smallest(store: Any) -> None:
    assert store.ttl == setting("lease") < setting("ttl")
    store.reload_config({name: setting(name) for name in ("ttl", "loop_wait", "retry_timeout")})
    assert store.ttl == setting("lease")


def test_a_lease_that_a_primary_could_outlive_is_refused(store: Any) -> None:
    longer = {"ttl": 20, "loop_wait": setting("loop_wait"), "retry_timeout": 4}
    with pytest.raises(Refused, match="lease is 7 s, and must be at least 9 s"):
        store.reload_config(longer)


@pytest.mark.parametrize("database", [OWN_DATABASE, OF_SEVERAL_NODES])
def test_networks_that_the_cluster_makes_are_none_of_composes(database: str) -> None:
    """Compose refuses one that it has not made, when it runs a command beside the replicas."""
    name = "house-cluster"
    files = (PROD.compose_file, FILES, database, CLIENT)
    networks = composed(*files, COMPOSE_PROJECT_NAME=name)["networks"]
    made = {**INTERNAL, **(OF_MEMBERS if database == OF_SEVERAL_NODES else {})}
    assert networks.keys() == made.keys()
    for short, network in networks.items():
        assert (network["external"], network["name"]) == (True, f"{name}_{short}")
