"""Bounds on what is read: how deep, how long and for how long, before memory or time is taken.

A few bytes can ask for gigabytes and hours. What passes a bound here is no file that a person or a
tool writes, and is refused in a line.
"""
