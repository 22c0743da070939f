"""Money is integer fen inside and yuan with two decimals at the edges."""


def yuan(fen: int | None) -> str:
    """23650.00 yuan as `23,650.00`; a dash where there is no amount."""
    if fen is None:
        return "—"
    whole, cents = divmod(abs(int(fen)), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{cents:02d}"


def typed_yuan(fen: int | None) -> str:
    """As it would be typed into a field of yuan: `23650.00`; nothing where there is no amount."""
    return "" if fen is None else yuan(fen).replace(",", "")
