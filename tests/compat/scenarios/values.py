"""Values that are wrong, or odd, for a field of each kind, with names that say what they are."""

STRANGE_TEXTS = {
    "null": None, "number": 7, "zero": 0, "fraction": 1.5, "true": True, "list": ["a"],
    "object": {"a": 1}, "empty": "", "blank": " ",
}

STRANGE_INTEGERS = {
    "null": None, "text number": "7", "text": "seven", "empty text": "", "integral float": 2.0,
    "fraction": 1.5, "exponent text": "1e2", "true": True, "list": [1], "object": {"a": 1},
    "negative": -5, "2^31": 2**31, "2^53 + 1": 2**53 + 1, "2^63 - 1": 2**63 - 1, "2^63": 2**63,
    "10^30": 10**30, "plus text": "+7", "spaced text": " 7 ", "text with zeros": "007",
    "hex text": "0x10",
}

STRANGE_DOUBLES = {
    "null": None, "text number": "0.25", "text exponent": "1e-3", "text": "abc", "empty text": "",
    "NaN text": "NaN", "nan text": "nan", "Infinity text": "Infinity",
    "-Infinity text": "-Infinity", "inf text": "inf", "+Infinity text": "+Infinity",
    "true": True, "false": False, "list": [1.0], "object": {}, "negative zero": -0.0,
    "denormal": 5e-324, "large": 1.7976931348623157e308, "integer": 3, "2^63": 2**63,
    "third": 1 / 3, "tenth": 0.1, "bare NaN": float("nan"), "bare Infinity": float("inf"),
    "bare -Infinity": float("-inf"),
}

# Keys of metrics, params and tags: valid ones and ones that the grammar refuses.
KEYS = {
    "plain": "loss", "slash": "a/b/c", "dots": "a.b", "dashes": "a-b_c", "space": "a b",
    "colon": "a:b", "unicode": "żółw", "cjk": "指标", "digits": "123", "250 characters": "k" * 250,
    "251 characters": "k" * 251, "250 wide characters": "é" * 250, "251 wide characters": "é" * 251,
    "empty": "", "dot": ".", "dot dot": "..", "parent": "../a", "inner parent": "a/../b",
    "double slash": "a//b", "leading slash": "/a", "trailing slash": "a/", "dot slash": "./a",
    "dots at start": "..a", "comma": "a,b", "equals": "a=b", "at": "a@b", "quote": "a'b",
    "double quote": "a\"b", "percent": "a%b", "hash": "a#b", "question": "a?b", "star": "a*b",
    "backslash": "a\\b", "newline": "a\nb", "tab": "a\tb", "emoji": "🙂", "plus": "a+b",
    "brackets": "a[0]", "parentheses": "f(x)", "leading space": " a", "trailing space": "a ",
    "only space": " ", "combining": "e\u0301", "zero width": "a\u200bb", "null byte": "a\u0000b",
    "inner dot": "a/./b", "three dots": "...", "arabic digits": "٣", "no-break space": "a\u00a0b",
}
