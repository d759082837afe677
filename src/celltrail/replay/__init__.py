"""Running a recipe again: in an environment made anew from what a run recorded, if asked."""
