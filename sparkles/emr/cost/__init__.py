"""What a job costs: instance types and prices, executor sizes, throughput and estimates."""
