"""What several rules ask: of records, journal, past and priority table; and how they word what they find."""
