"""How a view is drawn: static HTML, text, and the one display bundle."""
