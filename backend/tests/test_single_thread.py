"""The thread of which the leading worker runs at most one."""

import threading
import time

import pytest

from core.single_thread import SingleThread


class Work(threading.Thread):
    """Runs until it is asked to end, or on and on where it `hangs`."""

    hangs = False

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()

    def stop(self) -> None:
        if not self.hangs:
            self.ended.set()

    def run(self) -> None:
        self.ended.wait(30)


@pytest.fixture
def made() -> list[Work]:
    return []


@pytest.fixture
def single(made):
    def make() -> Work:
        made.append(Work())
        return made[-1]

    return SingleThread(make, limit=0.2)


def test_of_several_starts_one_thread_comes_and_it_ends_once(single, made):
    starts = [threading.Thread(target=single.start) for _ in range(5)]
    for one in starts:
        one.start()
    for one in starts:
        one.join(30)
    assert [one.is_alive() for one in made] == [True]
    assert single.current is made[0]
    single.stop()
    single.stop()
    assert not made[0].is_alive()
    assert single.current is None


def test_one_that_has_ended_is_started_again(single, made):
    single.start()
    made[0].stop()
    made[0].join(30)
    single.start()
    assert [one.is_alive() for one in made] == [False, True]
    single.stop()


def test_one_that_hangs_is_left_behind(single, made):
    single.start()
    made[0].hangs = True
    began_at = time.monotonic()
    single.stop()
    assert time.monotonic() - began_at < 10
    single.start()
    assert len(made) == 2
    made[0].ended.set()
    single.stop()
