"""Train SparklesDemo, the network that the package contains."""
