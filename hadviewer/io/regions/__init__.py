"""Files of regions of interest, a file per format."""
