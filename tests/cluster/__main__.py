"""python -m tests.cluster [OPTION…]: run the tests of this folder with pytest's options."""

import sys

import pytest

# pytest looks there only if the options name no file.
sys.exit(pytest.main(["--override-ini=testpaths=tests/cluster", *sys.argv[1:]]))
