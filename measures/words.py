"""Words that several stages of the help show."""


def names(text: str) -> list[str]:
    """Names between 、 , blanks or lines."""
    for mark in "，,；; \n\r\t":
        text = text.replace(mark, "、")
    return [name for name in text.split("、") if name]
