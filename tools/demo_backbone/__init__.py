"""Train the demo's embedded network."""
