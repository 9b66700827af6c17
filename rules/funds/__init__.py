"""Market development funds: quotas, applications, claims, what follows from violations.

Kinds and states in `kinds`, who gets how much in `quotas`, the application in `applying`, the dates in `timing`.
"""
