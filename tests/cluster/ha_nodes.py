"""The three nodes with the database of `inv cluster --ha`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from stack.core.polling import wait_until
from stack.database.server import DATABASE
from tests.cluster.nodes import Node, Nodes
from tests.engines.nested import CommandFailed

MEMBER = "$(docker ps --quiet --filter name=-cluster_postgres)"


@dataclass(frozen=True)
class HaNodes(Nodes):
    """Each has a member, of which one is the primary."""

    def sql(self, sql: str) -> list[str]:
        """The words with which the primary answers; waits until there is one."""

        def answered() -> tuple[list[str]] | None:
            primary = self._primary()
            return (_ask(primary, sql),) if primary else None

        return wait_until("a primary's answer", answered, seconds=60, ignoring=(CommandFailed,))[0]

    def primary(self) -> Node:
        """The node with the primary."""

        return wait_until("a primary", self._primary, seconds=60)

    def _primary(self) -> Node | None:
        return next((node for node in self.all if _is_primary(node)), None)

    def kill_primary(self) -> Node:
        """Kill the primary's container; Swarm starts it again. Returns its node."""
        node = self.primary()
        node.root(f"docker kill {MEMBER}")
        return node


def _is_primary(node: Node) -> bool:
    try:
        return _ask(node, "SELECT pg_is_in_recovery()") == ["f"]
    except CommandFailed:
        return False


def _ask(node: Node, sql: str) -> list[str]:
    """The words of a member's answer. Raises CommandFailed where it does not answer."""
    psql = f"psql -XqAt --username=postgres --dbname={DATABASE} --command={shlex.quote(sql)}"
    return node.root(f"timeout 5 docker exec {MEMBER} {psql}").split()
