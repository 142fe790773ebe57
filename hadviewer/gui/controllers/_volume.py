"""How large files are, in words."""


def volume(size: int) -> str:
    """'12.3 MB', as file managers count."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} GB"
