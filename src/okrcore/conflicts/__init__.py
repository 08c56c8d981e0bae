"""Who gives way: conflicts between goals and KPIs, and the priority tables that decide them."""
