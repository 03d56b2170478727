"""URLs of a shop that does not include ours."""

from __future__ import annotations

urlpatterns: list[object] = []
