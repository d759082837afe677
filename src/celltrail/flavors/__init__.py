"""One file a machine-learning library: how its calls are seen and its models kept."""
