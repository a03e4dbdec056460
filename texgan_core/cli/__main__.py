"""`python -m texgan_core.cli`: the same as `texgan`."""

import sys

from . import main

sys.exit(main())
