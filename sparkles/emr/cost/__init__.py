"""What EMR offers and what a job costs: instance types, executor sizes, throughput, estimates."""
