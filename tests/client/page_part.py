"""Parts of pages that the tests write, between two comments."""


def replaced(path, begin, end, text):
    """The page with that text between the comments; each is a line with its end."""
    page = path.read_text("utf-8")
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    assert before != page and after, f"{path} has no place for the matrix"
    return before + begin + text + end + after
