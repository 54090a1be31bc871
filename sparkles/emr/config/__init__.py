"""EMR requests as data: write them, fill in their placeholders and validate them, offline."""
