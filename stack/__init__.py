"""The automation behind `tasks.py`, `noxfile.py` and the tests: one module per idea."""
