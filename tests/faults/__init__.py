"""Faults of real life, on a real production stack, while browsers, sensors and readers use it.

`nox -s faults` prints one table: what clients saw, seconds to recover, writes acknowledged and
found.

To add a fault, write a test that causes it inside of `load.during`:

    def test_nginx_is_killed(load: Load, app: Container) -> None:
        with load.during("kill -9 of nginx", within=60):
            act.kill(app, "nginx: master")

Before the block every client of `clients.py` has been served. After it they go on until all of them
are served again. The test fails if that takes longer than `within` seconds, if anybody was answered
500, or if a write that was acknowledged is not in the database. A fault that lasts says when it was
taken away, because the seconds to recover count from there:

        with load.during("database stopped for 30 s", within=60) as fault:
            db.stop()
            fault.last(30)
            db.start()
            fault.over()

`fault` also has the clients and what they saw so far (`fault.clients`), and takes words for the
table (`fault.note`). What needs no clients adds a row by itself: `report.add(Row("three at once",
notes="…"))`. `act.py` has the means. Limits are generous: a test fails on what is broken, never
on a slow machine.
"""
