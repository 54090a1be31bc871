"""EMR: cluster configurations, checked, sized, priced, launched and watched; no Spark inside."""
