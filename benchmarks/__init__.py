"""What the app claims about speed, runnable by anyone: ``python -m benchmarks.delivery --help``."""
