"""A store for Patroni: etcd 3 with a lease shorter than the 20 s that Patroni allows at least.

A primary that is lost without a word is replaced when its lease has ended. The panel is to be back
within 15 s, and an etcd that lost its own leader as well gives each lease its full time again.

Patroni finds a store by its name: this file is put into `patroni/dcs/`, and the class has the name
of the file and of the section in the configuration. Only what is public in `Etcd3` is used.
"""

from typing import Any

from patroni.dcs.etcd3 import Etcd3
from patroni.exceptions import PatroniFatalException


class Etcd3Lease(Etcd3):
    """Etcd3, whose section in the configuration also has `lease`, in seconds."""

    def __init__(self, config: dict[str, Any], mpp: Any) -> None:
        self._lease_seconds = int(config["lease"])
        super().__init__({**config, "ttl": self._lease_seconds}, mpp)

    def set_ttl(self, ttl: int) -> None:
        """Keep the lease, whatever `ttl` Patroni's own configuration has."""
        super().set_ttl(self._lease_seconds)

    def reload_config(self, config: Any) -> None:
        """Take changed settings; PatroniFatalException where a primary could outlive its lease.

        The rule is Patroni's own for `ttl`: a primary tries to renew its lease every `loop_wait`
        seconds, for `retry_timeout` seconds, and has as long again to stop.
        """
        needed = config["loop_wait"] + 2 * config["retry_timeout"]
        if self._lease_seconds < needed:
            raise PatroniFatalException(
                f"lease is {self._lease_seconds} s, and must be at least {needed} s:"
                " loop_wait + 2 * retry_timeout"
            )
        super().reload_config(config)
