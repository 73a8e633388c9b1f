"""The automation behind `tasks.py`, `noxfile.py` and the tests: one module per idea."""

import os
import sys

if sys.platform == "win32":
    sys.exit(
        "✗ Windows itself lacks what this needs of a system.\n"
        "  → Use WSL 2 (learn.microsoft.com/windows/wsl/install), with the checkout in its files"
    )

# Invoke turns bytecode off, and so every command would compile all of its modules. root, who may
# help out in another's checkout, leaves nothing in it that its owner could not remove.
if os.stat(__file__).st_uid == os.geteuid():
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
