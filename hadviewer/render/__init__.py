"""Arrays in, uint8 RGBA pictures out."""
