"""What the calls of a client look like: signatures.py MODULE DOCUMENT

Writes {call: [[argument, default or absent], ...]} of MlflowClient and of the package's functions.
"""

import importlib
import inspect
import json
import sys

PLAIN = (str, int, float, bool, type(None))


def look(value):
    """A default as something to compare; what has no plain form goes by its type."""
    if value is inspect.Parameter.empty:
        return []
    if isinstance(value, (tuple, list)):
        return [[]] if not value else [list(value)]
    return [value if isinstance(value, PLAIN) else type(value).__name__]


def arguments(call):
    found = []
    for parameter in inspect.signature(call).parameters.values():
        name = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind.name, "")
        if parameter.name != "self":
            found.append([name + parameter.name, *look(parameter.default)])
    return found


def public(thing):
    return {name: getattr(thing, name) for name in sorted(dir(thing))
            if not name.startswith("_") and callable(getattr(thing, name))}


def main(module, document):
    package = importlib.import_module(module)
    client = importlib.import_module(module + ".tracking").MlflowClient
    found = {"MlflowClient": arguments(client)}
    for name, call in public(client).items():
        found["MlflowClient." + name] = arguments(call)
    for name, call in public(package).items():
        if inspect.isfunction(call) or inspect.isbuiltin(call):
            found[name] = arguments(call)
    with open(document, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
