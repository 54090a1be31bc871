"""Models that earlier versions saved."""
