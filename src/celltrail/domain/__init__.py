"""Plain values: what a run, a fit, a frame, a file and an environment are. No input or output here."""
