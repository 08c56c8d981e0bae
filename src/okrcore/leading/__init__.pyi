"""Does this KPI move before that key result, and will the target be reached?"""

from okrcore.leading.assess import assess_link as assess_link
from okrcore.leading.declared_links import assess_links as assess_links
from okrcore.leading.discovery import discover_links as discover_links
from okrcore.leading.evidence import LagEvidence as LagEvidence
from okrcore.leading.evidence import LinkEvidence as LinkEvidence
from okrcore.leading.outlooks import outlook as outlook
from okrcore.leading.screening import Screen as Screen
from okrcore.leading.screening import screen_links as screen_links
from okrcore.leading.target_probability import forecast as forecast
from okrcore.leading.target_probability import forecast_many as forecast_many
from okrcore.leading.weeks_ahead import Forecast as Forecast
from okrcore.leading.weeks_ahead import Lead as Lead
from okrcore.leading.weeks_ahead import ObjectiveForecast as ObjectiveForecast
from okrcore.leading.weeks_ahead import Outlook as Outlook
from okrcore.leading.weeks_ahead import WeeksAhead as WeeksAhead
