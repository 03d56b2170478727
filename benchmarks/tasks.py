"""The tasks that the way of this scene brings along; Celery looks for them here."""

from __future__ import annotations

from benchmarks import scene, ways

way = ways.load(scene.current().way)
