"""The automation behind `tasks.py`, `noxfile.py` and the tests: one package per layer."""

import os
import sys

if sys.platform == "win32":
    sys.exit(
        "✗ inv does not run on Windows itself.\n"
        "  → Use WSL 2 (learn.microsoft.com/windows/wsl/install), with the checkout in its files"
    )

# Invoke turns bytecode off, and so every command would compile all of its modules. Not for root in
# another user's checkout: that user could not remove root's files.
if os.stat(__file__).st_uid == os.geteuid():
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)

from stack.core import environment  # after what decides on its bytecode

environment.clean()
