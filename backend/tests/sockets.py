"""Helpers for WebSockets that `connect` opened."""

from tests.actions import current


async def receive(socket) -> dict:
    return await socket.receive_json_from(timeout=20)


async def receive_until(socket, sequence: int) -> list[dict]:
    """Return the changes up to this one; fail unless each is the next."""
    found: list[dict] = []
    while not found or found[-1]["sequence"] < sequence:
        found.append(await receive(socket))
        assert found[-1]["type"] == "change", found[-1]
    numbers = [message["sequence"] for message in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return found


async def closing(socket) -> tuple[int, int]:
    """Return the code of the error that is sent, and of the close frame after it."""
    error = await receive(socket)
    while error["type"] != "error":
        error = await receive(socket)
    frame = await socket.receive_output(timeout=20)
    assert (frame["type"], frame["reason"]) == ("websocket.close", error["detail"])
    return error["code"], frame["code"]


def sequence() -> int:
    return current()["sequence"]
