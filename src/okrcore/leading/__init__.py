"""Does this KPI move before that key result, and will the target be reached?"""
