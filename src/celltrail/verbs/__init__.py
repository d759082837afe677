"""What a person can ask for: one function a verb, and one table that the three doors share.

`celltrail VERB …` in a shell (`cli`), `%trail VERB …` in a cell (`magics.trail`) and `celltrail.VERB(…)` in Python
(`api`) all read `verbs.table` and call the same function with the same words.
"""
