"""How messages leave: claims, marks that survive a crash, a last look, ways out, deadlines, outcomes."""
