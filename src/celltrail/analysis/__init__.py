"""Pure readings of code and data: names, written parameters, fingerprints, profiles."""
