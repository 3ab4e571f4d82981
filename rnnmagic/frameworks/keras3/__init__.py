"""Keras 3: record the calls of a cell, keep the model whole, dry-run on shapes."""
