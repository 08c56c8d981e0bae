"""Where facts come from: spreadsheets, exports of other OKR tools, files and queries of observations."""
