"""Serve people on the command line, in pytest, in reports and in pictures."""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "surfaces.plots.change_plot": "plot_change",
        "surfaces.plots.conflict_plot": "plot_conflicts",
        "surfaces.plots.figure_style": "STYLE",
        "surfaces.plots.key_result_plot": "plot_key_result",
        "surfaces.plots.kpi_plots": "plot_kpi plot_kpis",
        "surfaces.plots.lag_plot": "plot_lags",
        "surfaces.plots.ripple_plot": "plot_ripple",
        "surfaces.plots.signal_plot": "plot_signals",
        "surfaces.plots.strategy_plot": "plot_strategy",
        "surfaces.review_page.page_report": "report",
    },
)
