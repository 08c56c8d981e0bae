"""What people declare, as frozen values: goals, KPIs, initiatives, links, people, time and priorities."""
