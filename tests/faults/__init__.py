"""Faults on a production stack while browsers, sensors and readers use it.

`nox -s faults` prints one table: answers to clients, seconds to recover, writes acknowledged and
found.

To add a fault, write a test that causes it inside of `load.during`:

    def test_nginx_is_killed(load: Load, app: Container) -> None:
        with load.during("kill -9 of nginx", within=60):
            inject.kill(app, "nginx: master")

Before the block every client of `clients.py` has been served. After it they continue until all of
them are served again. The test fails if that takes longer than `within` seconds, if any answer was
500, or if a write that was acknowledged is not in the database. A fault that lasts calls `over` at
its end, because the seconds to recover count from there:

        with load.during("database stopped for 30 s", within=60) as fault:
            db.stop()
            fault.last(30)
            db.start()
            fault.over()

`fault.clients` holds the clients with their observations, and `fault.note` adds words to the table.
A test without clients adds a row by itself: `report.add(Row("three at once", notes="…"))`.
`inject.py` has functions that cause faults. Limits are generous: a slow machine fails no test.
"""
