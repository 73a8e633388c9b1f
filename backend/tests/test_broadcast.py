"""The PostgreSQL channel layer by itself."""

import asyncio

import pytest
from channels.layers import get_channel_layer
from django.db import connection, transaction

from broadcast import announce
from core.threads import in_thread
from tests.conftest import command, finish, terminate_backends

pytestmark = pytest.mark.django_db(transaction=True)
LISTENER = "alarm broadcast"


@pytest.fixture
async def layer():
    layer = get_channel_layer()
    await layer.flush()  # of another test's work that its event loop has left
    yield layer
    await layer.close()
    await layer.flush()


async def receive(layer, channel: str, limit: float = 5) -> dict:
    return await asyncio.wait_for(layer.receive(channel), limit)


async def test_a_message_reaches_each_member_once_and_in_order(layer):
    for channel in ["one", "two"]:
        await layer.group_add("group", channel)
    for number in range(5):
        await layer.group_send("group", {"type": "count", "number": number})
    for channel in ["one", "two"]:
        assert [(await receive(layer, channel))["number"] for _ in range(5)] == list(range(5))
    assert not layer.channels


async def test_a_member_of_two_groups_hears_both_and_resynchronises_once(layer):
    for group in ["alarm", "person.1"]:
        await layer.group_add(group, "member")
    await layer.group_send("alarm", {"type": "one"})
    await layer.group_send("person.1", {"type": "two"})
    await layer.group_send("person.2", {"type": "three"})
    assert [(await receive(layer, "member"))["type"] for _ in range(2)] == ["one", "two"]
    await in_thread(terminate_backends, LISTENER)
    assert (await receive(layer, "member"))["type"] == "resync"
    await layer.group_send("alarm", {"type": "last"})
    assert (await receive(layer, "member"))["type"] == "last"


async def test_each_member_is_given_the_same_text_and_no_copy_of_it(layer):
    """The text of a change is made once; a hundred sockets share it."""
    for number in range(3):
        await layer.group_add("group", f"member{number}")
    await layer.group_send("group", {"type": "alarm.change", "text": "x" * 3000})
    texts = [(await receive(layer, f"member{number}"))["text"] for number in range(3)]
    assert len({id(text) for text in texts}) == 1


@pytest.mark.parametrize(
    "script",
    [
        "from alarm.changes import announce; announce('settings', {'made': 'elsewhere'})",
        "from alarm import events, services; services.trigger(events.TIMER, 'mqtt')",
    ],
)
async def test_a_change_in_another_process_arrives_here(layer, same_database, script):
    await layer.group_add("alarm", "member")
    process = command("manage.py", "shell", "-v0", "-c", script, env=same_database)
    output = await asyncio.to_thread(finish, process)
    assert process.returncode == 0, output
    message = await receive(layer, "member")
    assert (message["type"], message["sequence"]) == ("alarm.change", 1)
    assert '"sequence":1' in message["text"]


async def test_a_transaction_sends_on_commit_and_a_rollback_never(layer):
    await layer.group_add("group", "member")

    def work():
        with transaction.atomic():
            announce("group", {"type": "kept"})
            transaction.on_commit(lambda: announce("group", {"type": "later"}))
        with transaction.atomic():
            announce("group", {"type": "lost"})
            transaction.set_rollback(True)
        announce("group", {"type": "last"})

    await in_thread(work)
    kinds = [(await receive(layer, "member"))["type"] for _ in range(3)]
    assert kinds == ["kept", "later", "last"]


async def test_a_member_that_left_receives_nothing(layer):
    for channel in ["stays", "leaves"]:
        await layer.group_add("group", channel)
    await layer.group_discard("group", "leaves")
    await layer.group_send("group", {"type": "news"})
    assert (await receive(layer, "stays"))["type"] == "news"
    assert "leaves" not in layer.channels


async def test_a_message_too_large_for_notify_is_refused(layer):
    with pytest.raises(ValueError, match="NOTIFY carries 7999"):
        await layer.group_send("group", {"type": "large", "text": "é" * 4000})


async def test_after_a_lost_connection_members_resynchronise_and_hear_again(layer, caplog):
    await layer.group_add("group", "member")
    assert await in_thread(terminate_backends, LISTENER) == 1
    assert await receive(layer, "member") == {"type": "resync"}
    await layer.group_send("group", {"type": "news"})
    assert (await receive(layer, "member"))["type"] == "news"
    assert caplog.text.count("Broadcasts are interrupted") == 1


async def test_a_foreign_notification_does_not_stop_the_listener(layer):
    await layer.group_add("group", "member")

    def notify():
        with connection.cursor() as cursor:
            for payload in ["", "nonsense", "[]", '{"group": 1, "message": {}}', '{"group": "x"}']:
                cursor.execute("SELECT pg_notify('broadcast', %s)", [payload])

    await in_thread(notify)
    await layer.group_send("group", {"type": "news"})
    assert (await receive(layer, "member"))["type"] in {"news", "resync"}


async def test_a_full_queue_keeps_the_newest(layer):
    for number in range(layer.capacity + 5):
        await layer.send("slow", {"type": "count", "number": number})
    numbers = [(await receive(layer, "slow"))["number"] for _ in range(layer.capacity)]
    assert numbers == list(range(5, layer.capacity + 5))


async def test_one_listener_per_process_however_many_join(layer):
    await asyncio.gather(*(layer.group_add("group", f"member{n}") for n in range(20)))
    assert await in_thread(terminate_backends, LISTENER) == 1
