"""Forms built from parameter models. No form is written by hand."""
