"""Numbers drawn from arrays: metrics, thresholds, superpixels and statistics. No files, no cubes, no windows."""
