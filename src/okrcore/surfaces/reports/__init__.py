"""Report what a check found, in the forms that people and other tools read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from okrcore.surfaces.reports.checked import Checked
from okrcore.surfaces.reports.github import to_github
from okrcore.surfaces.reports.json_report import to_json
from okrcore.surfaces.reports.junit import to_junit
from okrcore.surfaces.reports.sarif import to_sarif
from okrcore.surfaces.reports.text_report import to_text

FORMATS: Mapping[str, Callable[[Checked], str]] = {
    "text": to_text,
    "json": to_json,
    "sarif": to_sarif,
    "github": to_github,
    "junit": to_junit,
}
"""Name of a format -> what writes it."""

__all__ = ["FORMATS", "Checked"]
