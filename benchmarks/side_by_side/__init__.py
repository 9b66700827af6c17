"""The product beside its peers: the same questions, the same database, the same answers, one core each."""
