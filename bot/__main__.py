"""`python -m bot` is the `quarterdeck` command."""

import sys

from bot.cli import main

sys.exit(main())
