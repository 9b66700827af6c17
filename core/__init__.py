"""Machinery without business: liftable into another project unchanged. Owns no table."""
