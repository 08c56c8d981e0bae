"""Statistics that know no goal and no KPI: tail probabilities, whitening, many tests at once, slopes."""
