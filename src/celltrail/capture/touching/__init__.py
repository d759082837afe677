"""What a cell touched: a look before it, a look after it, and the difference by name."""
