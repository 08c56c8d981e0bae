"""Rhythm: who owes what by when, and what it answers."""

from okrcore.rhythm.acting import actions as actions
from okrcore.rhythm.action import Action as Action
from okrcore.rhythm.audit import Audit as Audit
from okrcore.rhythm.audit import LedGoal as LedGoal
