"""Record observations and answers: columns of observations, their hash chain, a ledger, a journal."""

from okrcore.history.derivation import derive as derive
from okrcore.history.entry import Change as Change
from okrcore.history.entry import Entry as Entry
from okrcore.history.history import History as History
from okrcore.history.journal import Journal as Journal
from okrcore.history.observation import Observation as Observation
from okrcore.history.periods import PeriodValues as PeriodValues
from okrcore.history.periods import gridded as gridded
from okrcore.history.reconciliation import ReconciledPeriod as ReconciledPeriod
from okrcore.history.reconciliation import Reconciliation as Reconciliation
from okrcore.history.reconciliation import reconcile as reconcile
from okrcore.history.results import Restatement as Restatement
from okrcore.history.results import Series as Series
from okrcore.history.results import Verification as Verification
