"""Prompt templates, the chat messages made from them, and what is left of a reply."""
