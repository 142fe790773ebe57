"""Transforms: from a cube to a cube, before a detector looks at it. One file each, or one for a tight family."""
