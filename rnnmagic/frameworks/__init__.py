"""What knows about one framework each: recording calls, protecting models, dry runs."""
