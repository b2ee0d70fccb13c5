"""What a person tells of themselves."""
