"""Schema history, written by the tool and then made independent of code that may move."""
