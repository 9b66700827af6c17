"""Adapters of the worker: each task calls one use case or one gateway."""
