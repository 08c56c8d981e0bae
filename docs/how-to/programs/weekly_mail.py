"""Mail each owner what changed since last week: a job for cron, or whatever runs jobs.

    python weekly_mail.py okrs/ facts.ledger addresses.toml --as-of 2026-03-02 [--smtp mail.example.com]

`addresses.toml` holds `owner-id = "address"`. Without `--smtp` the messages are printed. Last week is judged
by what was known then, so that a mail never contradicts the one before.
"""

from __future__ import annotations

import argparse
import datetime as dt
import smtplib
import sys
import tomllib
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path

import attrs

import okrcore as okr

WORST_FIRST = ("missed", "off-track", "breached", "no-data", "unknown", "at-risk", "watch")


@attrs.frozen
class Change:
    """A goal or KPI whose status is another than a week before; `before` is None for a new one."""

    id: str
    title: str
    owner: str | None
    before: str | None
    after: str
    why: str

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in a mail: the worst first, then by id."""
        order = WORST_FIRST.index(self.after) if self.after in WORST_FIRST else len(WORST_FIRST)
        return order, self.id


def statuses(snapshot: okr.Snapshot) -> dict[str, str]:
    """Return the status of every goal and the zone of every KPI."""
    found = {
        row["id"]: row["status"] for table in (snapshot.objectives, snapshot.key_results) for row in table
    }
    return found | {row["id"]: row["zone"] for row in snapshot.kpis}


def changes(portfolio: okr.Portfolio, ledger: okr.Ledger, today: dt.date) -> Iterator[Change]:
    """Yield what is judged otherwise today than a week ago, as known at each of the two days."""
    then, now = (
        okr.evaluate(portfolio, ledger.history, as_of=day, known_at=day, journal=ledger.journal)
        for day in (today - dt.timedelta(days=7), today)
    )
    before = statuses(then)
    for name, status in statuses(now).items():
        if before.get(name) != status:
            goal = portfolio[name]
            why = okr.explain(now, name).sentence
            yield Change(name, goal.title, goal.owner, before.get(name), status, why)


def messages(found: Iterator[Change], addresses: Mapping[str, str], today: dt.date) -> Iterator[EmailMessage]:
    """Yield a message for each owner that has an address and of whose goals one changed."""
    by_owner: dict[str, list[Change]] = {}
    for change in found:
        by_owner.setdefault(change.owner or "", []).append(change)
    for owner, listed in sorted(by_owner.items()):
        if owner not in addresses:
            continue
        message = EmailMessage()
        message["To"] = addresses[owner]
        message["Subject"] = f"{len(listed)} of your goals changed in the week to {today}"
        lines = [
            f"{one.title} ({one.id}): {one.before or 'new'} -> {one.after}\n    {one.why}"
            for one in sorted(listed, key=lambda one: one.place)
        ]
        message.set_content("\n\n".join(lines) + "\n")
        yield message


def main(argv: list[str] | None = None) -> int:
    """Send or print the messages of a week."""
    parser = argparse.ArgumentParser(description="Mail each owner what changed since last week.")
    parser.add_argument("documents")
    parser.add_argument("ledger")
    parser.add_argument("addresses", type=Path)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=dt.datetime.now(dt.UTC).date())
    parser.add_argument("--smtp", help="the server that takes the messages")
    given = parser.parse_args(argv)
    portfolio = okr.load(given.documents)
    addresses = tomllib.loads(given.addresses.read_text("utf-8"))
    with okr.Ledger.open(given.ledger) as ledger:
        made = [*messages(changes(portfolio, ledger, given.as_of), addresses, given.as_of)]
    if given.smtp is None:
        print("\n".join(message.as_string() for message in made))
        return 0
    with smtplib.SMTP(given.smtp) as server:
        for message in made:
            server.send_message(message, from_addr="goals@example.com")
    return 0


if __name__ == "__main__":
    sys.exit(main())
