"""Turn options of pytest into collected documents: a test for each rule and subject that it looks at (S16).

pytest loads this in every host that has the library installed, so it stands outside the package, imports
nothing of it and is short: all else is in `okrcore.surfaces.pytest.plugin`, for runs that name documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from okrcore.governance.policy import Policy


class Hooks:
    """What a host's conftest.py may define."""

    @pytest.hookspec(firstresult=True)
    def pytest_okr_policy(self, config: pytest.Config) -> Policy | None:
        """Return the policy to check by, with rules of your own perhaps; None leaves it to okr_policy."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each with an ini option of the same meaning."""
    group = parser.getgroup("okrcore", "goals and KPIs")
    for name, metavar, text in (
        ("okr", "FILE", "check this document, folder of them, or ledger of what was declared, as tests"),
        ("okr-history", "FILE", "observations"),
        ("okr-journal", "FILE", "what was answered"),
        ("okr-rates", "FILE", "exchange rates"),
        ("okr-against", "OLD", "what was declared before: documents or a ledger"),
        ("okr-select", "CODES", "only rules of these codes or prefixes, parted by commas"),
    ):
        group.addoption(f"--{name}", action="append", default=[], metavar=metavar, help=f"{text}; may repeat")
    group.addoption("--okr-as-of", metavar="DATE", help="check at this date or instant (default: today)")
    group.addoption("--okr-known-at", metavar="DATE", help="count what was recorded by then (default: all)")
    group.addoption("--okr-policy", metavar="NAME", help="which rules: standard (default), strict, ...")
    parser.addini("okr_files", "documents to check as tests", type="paths")
    parser.addini("okr_history", "files of observations", type="paths")
    parser.addini("okr_journal", "files of what was answered", type="paths")
    parser.addini("okr_rates", "files of exchange rates", type="paths")
    parser.addini("okr_against", "what was declared before: documents or a ledger", type="paths")
    parser.addini("okr_select", "codes or prefixes of rules", type="args")
    parser.addini("okr_as_of", "date or instant to check at", default="")
    parser.addini("okr_known_at", "count what was recorded by this date or instant", default="")
    parser.addini("okr_policy", "standard, strict, or one that a package offers", default="")
    parser.addini("okr_ignore", "what is accepted: CODE[ SUBJECT][ until DATE]: reason", type="linelist")
    parser.addini("okr_fail_on", "warning, error or info (default: warning)", default="warning")
    parser.addini("okr_items", "subject or rule (default: subject)", default="subject")


def pytest_configure(config: pytest.Config) -> None:
    """Collect documents in a run that names some."""
    if config.option.okr or config.getini("okr_files"):
        from okrcore.surfaces.pytest.plugin import Documents

        config.pluginmanager.register(Documents(config))
