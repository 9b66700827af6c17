"""Columns, constraints and the scope of every table; no business."""
