"""Tests of the replay of a history of orders."""
