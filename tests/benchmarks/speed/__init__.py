"""The tables of `bench_speed.py`, a module each."""
