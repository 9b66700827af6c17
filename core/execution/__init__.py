"""Turns a document's text into an answer: parsed, checked and priced once, executed under a deadline, errors masked."""
