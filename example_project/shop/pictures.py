"""Product pictures, drawn: a still life for each shape, in the product's own colours."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from random import Random
from typing import Any

from django.template.loader import render_to_string

from example_project.shop.models import Product

SPECKLES = 90


def draw(product: Product) -> str:
    """The picture of ``product`` as SVG text."""
    return render_to_string(f"shop/pictures/{product.shape}.svg", {
        "product": product,
        "pattern": f"shop/pictures/patterns/{product.pattern or 'none'}.svg",
        "table": shade(product.wall, -0.11),
        "light": shade(product.colour, 0.3),
        "dark": shade(product.colour, -0.24),
        "deep": shade(product.colour, -0.45),
        "accent_dark": shade(product.accent, -0.18),
        "speckles": speckles(product.slug),
    })


def shade(colour: str, by: float) -> str:
    """``colour`` lighter (or, below zero, darker) by a share of the way to white (or to black)."""
    red, green, blue = (int(colour[start:start + 2], 16) / 255 for start in (1, 3, 5))
    hue, light, saturation = rgb_to_hls(red, green, blue)
    shaded = hls_to_rgb(hue, light + by * (1 - light if by > 0 else light), saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in shaded)


def speckles(seed: str) -> list[dict[str, Any]]:
    """Freckles of a glaze: the same for the same product."""
    random = Random(seed)
    return [{"x": random.randint(70, 330), "y": random.randint(90, 330), "r": random.choice((0.9, 1.2, 1.6, 2.2))} for _ in range(SPECKLES)]
