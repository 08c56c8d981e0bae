"""What moved, and what looks wrong: process limits and their signals, and tests of the numbers themselves."""

from okrcore.monitoring.dip import Dip as Dip
from okrcore.monitoring.found_dips import dips as dips
from okrcore.monitoring.process_limits import ProcessLimits as ProcessLimits
from okrcore.monitoring.profiles import PROFILES as PROFILES
from okrcore.monitoring.profiles import Profile as Profile
from okrcore.monitoring.series_chart import Phase as Phase
from okrcore.monitoring.series_chart import SignalPoint as SignalPoint
from okrcore.monitoring.series_chart import Signals as Signals
from okrcore.monitoring.series_chart import signals as signals
from okrcore.monitoring.signal_rules import Assurance as Assurance
from okrcore.monitoring.signal_rules import back_filled as back_filled
from okrcore.monitoring.signal_rules import judged_assurance as judged_assurance
from okrcore.monitoring.signal_rules import shift_flags as shift_flags
from okrcore.monitoring.signal_rules import trend_flags as trend_flags
from okrcore.monitoring.signal_rules import two_of_three_flags as two_of_three_flags
from okrcore.monitoring.signal_table import signals_of as signals_of
