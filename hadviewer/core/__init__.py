"""The language of the program: cubes, bands, parameters, results, errors. Knows no file format, no screen."""
