"""Accounts and access rules of a Mosquitto broker, changed while it runs.

https://mosquitto.org/documentation/dynamic-security/
"""

import json
import queue
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import paho.mqtt.client as paho

from integrations.mqtt.accounts import DEFAULTS, OWN_ACCESS, OWN_ROLE, Access, Account
from integrations.mqtt.connection import ANSWER_LIMIT, Connection, Unreachable

CONTROL = "$CONTROL/dynamic-security/v1"
ANSWERS = f"{CONTROL}/response"
DENIED_FIRST = 1  # the priority of a rule that takes a part from a wider one
AT_ONCE = 30  # accounts in a message, which the broker limits in size

Command = dict[str, Any]
Item = TypeVar("Item")


class Unmanaged(Exception):
    """The broker does not let its accounts be managed; the text is a sentence for people."""


class DynamicSecurity:
    """Keeps the broker's accounts of Home Assistant and of sensors equal to the database's.

    Accounts of other names are left alone: an operator may add some.
    """

    def __init__(self, link: Connection) -> None:
        self.link = link
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._known: dict[str, Account] | None = None

    def _receive(self, message: paho.MQTTMessage) -> None:
        """Keep an answer of the broker; called in paho's thread."""
        self._answers.put(bytes(message.payload))

    def open(self) -> bool:
        """Give the panel its own access; return whether that was needed.

        The broker then ends the connection, as it does with each change of an account's access.
        Raises Unmanaged, or Unreachable.
        """
        self.link.listen(ANSWERS, self._receive)
        user = self.link.broker.username
        (answer,) = self._ask({"command": "getClient", "username": user})
        roles = {role["rolename"] for role in answer["data"]["client"].get("roles", [])}
        if OWN_ROLE in roles and self._role(OWN_ROLE) == set(OWN_ACCESS):
            return False
        defaults = [{"acltype": kind, "allow": allow} for kind, allow in DEFAULTS.items()]
        self._ask({"command": "setDefaultACLAccess", "acls": defaults})
        self._ask({"command": "createRole", "rolename": OWN_ROLE}, may_fail=True)
        change = {"command": "modifyRole", "rolename": OWN_ROLE, "acls": _acls(OWN_ACCESS)}
        if OWN_ROLE in roles:
            self._send(change)
        else:
            self._ask(change)
            self._send({"command": "addClientRole", "username": user, "rolename": OWN_ROLE})
        return True

    def sync(self, wanted: Iterable[Account]) -> None:
        """Make the broker's accounts the wanted ones; unchanged ones keep their connections.

        One whose password is not known stays as it is.
        """
        accounts = {account.username: account for account in wanted}
        if accounts == self._known:
            return
        present = self._marks()
        gone = [name for name in present if name not in accounts and Account.is_ours(name)]
        changed = [
            account
            for name, account in accounts.items()
            if account.password and present.get(name) != account.mark
        ]
        # An account goes before its role: Mosquitto 2.0.21 has crashed when a used role went.
        for names in _parts([*gone, *(account.username for account in changed)]):
            self._ask(*({"command": "deleteClient", "username": n} for n in names), may_fail=True)
        for names in _parts(gone):
            self._ask(*({"command": "deleteRole", "rolename": n} for n in names), may_fail=True)
        for some in _parts(changed):
            names = [account.username for account in some]
            self._ask(*({"command": "createRole", "rolename": n} for n in names), may_fail=True)
            self._ask(*(_role_of(account) for account in some))
            self._ask(*(_client_of(account) for account in some))
        self._known = accounts

    def _marks(self) -> dict[str, str]:
        """Return the mark that each account at the broker was made with."""
        found: dict[str, str] = {}
        while True:
            asked = {"command": "listClients", "verbose": True}
            (answer,) = self._ask({**asked, "count": AT_ONCE, "offset": len(found)})
            clients = answer["data"]["clients"]
            found |= {one["username"]: one.get("textdescription", "") for one in clients}
            if len(clients) < AT_ONCE:
                return found

    def _role(self, name: str) -> set[Access]:
        """Return what a role allows; nothing where there is none."""
        (answer,) = self._ask({"command": "getRole", "rolename": name}, may_fail=True)
        acls = answer.get("data", {}).get("role", {}).get("acls", [])
        return {Access(acl["acltype"], acl["topic"], acl["allow"]) for acl in acls}

    def _ask(self, *commands: Command, may_fail: bool = False) -> list[dict[str, Any]]:
        """Send commands and return the broker's answers, in their order."""
        mark = secrets.token_hex(8)
        self._send(*({**command, "correlationData": mark} for command in commands))
        answers: list[dict[str, Any]] = []
        while not answers or answers[0].get("correlationData") != mark:  # a late one to another
            try:
                answers = json.loads(self._answers.get(timeout=ANSWER_LIMIT))["responses"]
            except queue.Empty as error:
                if self.link.is_lost:
                    raise Unreachable("The connection to the broker was lost.") from error
                raise Unmanaged("The broker does not let the panel manage its accounts.") from error
        errors = [answer["error"] for answer in answers if "error" in answer]
        if errors and not may_fail:
            raise Unmanaged(f"The broker does not change its accounts: {errors[0]}.")
        return answers

    def _send(self, *commands: Command) -> None:
        self.link.publish(CONTROL, json.dumps({"commands": commands}), retain=False)


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _acls(access: Iterable[Access]) -> list[dict[str, Any]]:
    return [
        {
            "acltype": one.kind,
            "topic": one.topic,
            "allow": one.allow,
            "priority": 0 if one.allow else DENIED_FIRST,
        }
        for one in access
    ]


def _role_of(account: Account) -> Command:
    acls = _acls(account.access)
    return {"command": "modifyRole", "rolename": account.username, "acls": acls}


def _client_of(account: Account) -> Command:
    return {
        "command": "createClient",
        "username": account.username,
        "password": account.password,
        "textdescription": account.mark,
        "roles": [{"rolename": account.username}],
    }
