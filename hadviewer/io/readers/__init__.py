"""Readers: one file per format, found by scanning. A leading underscore marks what several of them share."""
