"""A migrations package with nothing in it, for tests of everything around the migrations."""
