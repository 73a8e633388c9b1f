"""A TCP proxy between the app and its database, to make their network slow.

Not every kernel has netem. The proxy is a container that takes the name `db` in the stack's
network; the database has another name meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docker.models.containers import Container

from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.database.server import Server
from tests.support.containers import image_of

BEHIND = "database-behind-the-link"
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE usename LIKE 'alarm%' AND pid <> pg_backend_pid()"
)

# Each piece is passed on after the delay, so the throughput does not fall.
PROXY = """
import asyncio, sys, time

delay = 0.0

async def carry(reader, writer):
    pieces = asyncio.Queue()
    async def hand_on():
        while (item := await pieces.get())[1]:
            await asyncio.sleep(item[0] - time.monotonic())
            writer.write(item[1])
            await writer.drain()
        writer.close()
    handing_on = asyncio.create_task(hand_on())
    try:
        while piece := await reader.read(65536):
            pieces.put_nowait((time.monotonic() + delay, piece))
    except OSError:
        pass
    pieces.put_nowait((0, b""))
    await handing_on

async def serve(reader, writer):
    try:
        there = await asyncio.open_connection(sys.argv[1], 5432)
    except OSError:
        return writer.close()
    await asyncio.gather(
        carry(reader, there[1]), carry(there[0], writer), return_exceptions=True
    )

async def obey():
    global delay
    while True:
        await asyncio.sleep(0.1)
        try:
            delay = float(open("/tmp/delay").read() or 0)
        except OSError:
            pass

async def main():
    obeying = asyncio.create_task(obey())
    await (await asyncio.start_server(serve, "0.0.0.0", 5432)).serve_forever()

asyncio.run(main())
"""


@dataclass(frozen=True)
class Link:
    container: Container

    def delay(self, seconds: float) -> None:
        """Delay each piece by this many seconds from now on, in both directions."""
        write = ["bash", "-c", f"echo {seconds} > /tmp/delay.new && mv /tmp/delay.new /tmp/delay"]
        assert self.container.exec_run(write).exit_code == 0


@contextmanager
def between(project: Project) -> Iterator[Link]:
    """Put the proxy between app and database while the block lasts."""
    found = project.containers()
    network = project.client.networks.get(f"{project.name}_inside")
    proxy = project.client.containers.create(
        image_of(found["app"]),
        entrypoint=["python3", "-c", PROXY, BEHIND],
        network=network.name,
        networking_config={
            str(network.name): project.client.api.create_endpoint_config(aliases=["db"])
        },
        labels={"alarm.faults": project.name},
    )
    try:
        network.disconnect(found["db"])
        network.connect(found["db"], aliases=[BEHIND])
        proxy.start()
        listens = ["python3", "-c", "import socket; socket.create_connection(('localhost', 5432))"]
        wait_until("the link", lambda: proxy.exec_run(listens).exit_code == 0, seconds=30)
        # The database keeps its address, and with it the old connections.
        Server(project).ask(CUT)
        yield Link(proxy)
    finally:
        proxy.remove(force=True, v=True)
        network.disconnect(found["db"])
        network.connect(found["db"], aliases=["db", found["db"].name])
