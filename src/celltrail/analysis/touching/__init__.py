"""What a cell touches: its source read, its objects compared. Pure: no IPython, no SQL, nothing of the user's run."""
