"""What tests of the pytest plugin run pytest with."""

from __future__ import annotations

pytest_plugins = ["pytester"]
