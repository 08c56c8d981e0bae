"""Serve people on the command line, in pytest, in reports and in pictures."""

from okrcore.surfaces.plots.change_plot import plot_change as plot_change
from okrcore.surfaces.plots.conflict_plot import plot_conflicts as plot_conflicts
from okrcore.surfaces.plots.figure_style import STYLE as STYLE
from okrcore.surfaces.plots.key_result_plot import plot_key_result as plot_key_result
from okrcore.surfaces.plots.kpi_plots import plot_kpi as plot_kpi
from okrcore.surfaces.plots.kpi_plots import plot_kpis as plot_kpis
from okrcore.surfaces.plots.lag_plot import plot_lags as plot_lags
from okrcore.surfaces.plots.ripple_plot import plot_ripple as plot_ripple
from okrcore.surfaces.plots.signal_plot import plot_signals as plot_signals
from okrcore.surfaces.plots.strategy_plot import plot_strategy as plot_strategy
from okrcore.surfaces.review_page.page_report import report as report
