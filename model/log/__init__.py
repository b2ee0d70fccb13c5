"""What the Log knows, as plain data: days, events of a calendar, facts that a person wants remembered."""
