"""Colours that tell things apart, for readers who see red and green alike too; the first ones differ the most."""

CATEGORIES = ("#1a73e8", "#e8710a", "#00b399", "#4db3e6", "#b3334d", "#6633ff", "#b30099", "#99b366")
"""For curves: seen on a white and on a dark ground."""
ON_IMAGERY = ("#e53935", "#1e88e5", "#fdd835", "#6633ff", "#00e6ff", "#cc0080", "#e69999", "#00ff80")
"""For what is drawn over a scene, which is darker than these."""
