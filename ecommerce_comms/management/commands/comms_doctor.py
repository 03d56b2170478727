"""``manage.py comms_doctor``: what is wrong, and what to do about it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ecommerce_comms.health.colours import Colour
from ecommerce_comms.health.doctor import examine
from ecommerce_comms.health.lights import Light, worst


class Command(BaseCommand):
    """Examine settings, services and figures."""

    help = "Say what is wrong with the mail and what to do about it; ends with status 1 if something is red."
    requires_system_checks = ()  # it runs them itself, and tells of them whatever they say

    def add_arguments(self, parser: CommandParser) -> None:
        """Options."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument("--no-network", action="store_true", help="ask neither the broker nor the mail servers")
        parser.add_argument("--mail", default="", metavar="ADDRESS", help="send a test mail to this address by each provider")

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine, say what was found, and end with the fitting status."""
        found = []
        for light in examine(network=not options["no_network"], mail=options["mail"]):
            found.append(light)
            if not options["json"]:
                self._say(light)
        if options["json"]:
            told = {"state": worst(found).word, "findings": [{**asdict(light), "colour": light.colour.word} for light in found]}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(self._painted(worst(found), worst(found).verdict))
        if worst(found) is Colour.RED:
            sys.exit(1)

    def _say(self, light: Light) -> None:
        width = max(len(colour.said) for colour in Colour)
        self.stdout.write(f"{self._painted(light.colour, light.colour.said.ljust(width))}  {light.what}: {light.says}")
        if light.todo:
            self.stdout.write(f"{'':{width}}  → {light.todo}")

    def _painted(self, colour: Colour, text: str) -> str:
        paint = {Colour.GREEN: self.style.SUCCESS, Colour.AMBER: self.style.WARNING, Colour.RED: self.style.ERROR}[colour]
        return str(paint(text))
