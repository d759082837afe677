"""How cells stand: what the notebook has, what is in memory, and what "run all" would give. Pure."""
