"""Run the command line as `python -m okrcore`."""

import sys

from okrcore.surfaces.cli.main import main

sys.exit(main())
