"""The JSON that every face shows: line, panel, sidebar, command line, report."""
