"""Dicts as text, in the format that a file's name asks for."""

import json


def _yaml(value, indent):
    """Lines of a block of YAML; scalars are JSON's, which is YAML as well."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(f"{pad}{json.dumps(str(key), ensure_ascii=False)}:", item, indent)
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            yield from _entry(f"{pad}-", item, indent)
    else:
        yield pad + _scalar(value)


def _entry(head, item, indent):
    if isinstance(item, (dict, list, tuple)) and item:
        yield head
        yield from _yaml(item, indent + 1)
    else:
        yield f"{head} {_scalar(item)}"


def _scalar(value):
    return json.dumps(value, ensure_ascii=False, default=str)


def text_of(dictionary, name):
    """The text of a dict: YAML for .yml and .yaml, by PyYAML where it is there; else JSON."""
    if not name.endswith((".yml", ".yaml")):
        return json.dumps(dictionary, indent=2, default=str)
    try:
        import yaml
    except ImportError:
        return "\n".join(_yaml(dictionary, 0)) + "\n"
    return yaml.dump(dictionary, indent=2, default_flow_style=False)
