"""Detectors: a cube in, a score map out. One module each; a leading underscore means a helper."""
