"""Finds what must not be kept in text: keys, passwords, e-mail addresses, card, account and phone numbers."""
