"""The mutants of a contract: each has one rule, status, header or scope less."""

import copy
import dataclasses

METHODS = ("get", "put", "post", "patch", "delete")
# What a schema demands of a value. Its formats are words for people, but for those that a reader checks.
KEYWORDS = ("minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems", "enum", "format", "not")


@dataclasses.dataclass
class Mutant:
    name: str
    contract: dict
    # The operations whose requests the rule is for.
    operations: list


def mutants(contract):
    """All mutants of a contract, in its order."""
    users = users_of(contract)
    for path, text, change in changes(contract):
        mutated = copy.deepcopy(contract)
        node = mutated
        for key in path:
            node = node[key]
        change(node)
        yield Mutant(f"{dotted(path)}: {text}", mutated, users(path))


def dotted(path):
    return ".".join(str(key) for key in path)


def without(key):
    return lambda node: node.pop(key)


def changes(contract):
    """What can be loosened: the path of a node, the change in words, and the change."""
    for path, node in walk(contract, ()):
        if not isinstance(node, dict):
            continue
        if is_schema(path):
            yield from of_schema(path, node)
        elif len(path) == 3 and path[0] == "paths" and path[2] in METHODS:
            yield from of_operation(path, node)
        elif is_response(path) and "$ref" not in node:
            for name in node.get("headers", {}):
                yield (*path, "headers"), f"without {name}", without(name)
        elif path[:2] in (("components", "headers"), ("components", "requestBodies")) and len(path) == 3:
            if node.get("required"):
                yield path, "not required", without("required")
        # A parameter of a path is there, or the path is another.
        elif path[:2] == ("components", "parameters") and len(path) == 3 and node.get("required") and node["in"] != "path":
            yield path, "not required", without("required")
        elif path[-1:] == ("requestBody",) and node.get("required"):
            yield path, "not required", without("required")


def walk(node, path):
    if path and path[-1] in ("example", "examples", "x-from"):
        return
    yield path, node
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in pairs:
        yield from walk(child, (*path, key))


def is_schema(path):
    if path[:2] == ("components", "schemas"):
        # Not the map of the properties, which may have any names.
        return len(path) == 3 or path[-2:-1] == ("properties",) or path[-1] in ("items", "not")
    return path[-1:] == ("schema",)


def is_response(path):
    return path[:2] == ("components", "responses") and len(path) == 3 or path[-2:-1] == ("responses",)


def of_schema(path, node):
    for keyword in KEYWORDS:
        if keyword in node:
            yield path, f"without {keyword}", without(keyword)
    for name in node.get("required", []):
        yield path, f"{name} is not required", lambda node, name=name: not_required(node, name)
    if node.get("additionalProperties") is False:
        yield path, "open", lambda node: node.update(additionalProperties=True)


def not_required(node, name):
    node["required"].remove(name)
    # An empty list is none that OpenAPI allows.
    if not node["required"]:
        del node["required"]


def of_operation(path, node):
    if node.get("x-closed-query"):
        yield path, "without x-closed-query", without("x-closed-query")
    for index, alternative in enumerate(node["security"]):
        for scheme, scopes in alternative.items():
            yield path, "without a token", lambda node, index=index: node["security"].pop(index)
            for scope in scopes:
                change = lambda node, index=index, scheme=scheme, scope=scope: node["security"][index][scheme].remove(scope)
                yield path, f"without the scope {scope}", change
    # One status is left.
    for status in node["responses"] if len(node["responses"]) > 1 else ():
        yield (*path, "responses"), f"without {status}", without(status)


def users_of(contract):
    """Returns a function of a path: the operations whose requests are made with what is there."""
    uses = {}
    for path, item in contract["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                parts = [item.get("parameters"), operation.get("parameters"), operation.get("requestBody")]
                uses[operation["operationId"]] = (("paths", path, method), named_in(parts, contract["components"]))

    def users(path):
        return [
            name
            for name, (place, names) in uses.items()
            if path[1:3] in names or (path[:3] == place and path[3:4] in ((), ("parameters",), ("requestBody",)))
        ]

    return users


def named_in(node, components):
    """The components that `node` refers to, directly or by others."""
    names, rest = set(), [node]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            rest.extend(node.values())
            if "$ref" in node:
                name = tuple(node["$ref"].split("/")[2:])
                if name not in names:
                    names.add(name)
                    rest.append(components[name[0]][name[1]])
        elif isinstance(node, list):
            rest.extend(node)
    return names
