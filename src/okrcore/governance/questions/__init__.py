"""Answer what several rules ask of journal, past and priority table, and word what they find."""
