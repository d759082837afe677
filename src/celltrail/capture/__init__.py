"""What a cell did, gathered while it runs. The Recorder conducts; each step is a function of its own."""
