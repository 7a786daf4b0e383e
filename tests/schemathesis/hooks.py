"""What Schemathesis cannot learn from api/openapi.yml, because OpenAPI has no words for it.

Formats: how cursors and entity tags look, so that most requests have some that the service can read.

Rules that span several parts of a request: each part may be right by its schema, and the whole still has to be refused. A
check of our own holds the service to that. A 400 is right for such a request, and for no other that the schemas allow.
"""

import base64
import itertools
import os
import re
from collections.abc import Iterator

import schemathesis
from hypothesis import strategies as st
from schemathesis.openapi.checks import RejectedPositiveData

# ---- formats ----

TAG = st.integers(0, 9).map('"{}"'.format) | st.from_regex(r'\A(W/)?"[!#-~]{0,8}"\Z')
schemathesis.openapi.format("entity-tags", st.just("*") | st.lists(TAG, min_size=1, max_size=3).map(", ".join))

# As the service writes them today. The contract calls them opaque, so that it may write others one day.
CURSOR = st.integers(0, 40).map(lambda number: base64.urlsafe_b64encode(b"\1" + number.to_bytes(8)).decode())
schemathesis.openapi.format("cursor", CURSOR)

# Few of these are of an event that there is, and no others are taken: 410.
EVENT_CURSOR = st.integers(1, 40).map(lambda number: base64.urlsafe_b64encode(b"\3" + number.to_bytes(8) + bytes(8)).rstrip(b"=").decode())
schemathesis.openapi.format("event-cursor", st.just("now") | EVENT_CURSOR)
schemathesis.openapi.format("organisation-id", st.from_regex(r"\A[a-z][a-z-]{0,20}\Z"))

# Few, so that the payments that some requests create are there for others.
NAME = st.integers(0, 20 if "PAYMENTS_ORGANISATION" in os.environ else 60).map("payment-{}".format)
schemathesis.openapi.format("payment-id", NAME | st.from_regex(r"\A[!$&-.0-9;=@-~]{0,20}[a-z]\Z"))

KEY = st.sampled_from(["data", "attributes", "amount", "currency", "version", "0", "-", "", "~0", "~1"])
schemathesis.openapi.format("json-pointer", st.just("/data/attributes/amount") | st.lists(KEY.map("/{}".format)).map("".join))


@schemathesis.hook
def before_load_schema(context, raw_schema) -> None:
    # By their names in requests, which are the same in every version of the contract.
    formats = {"If-Match": "entity-tags", "If-None-Match": "entity-tags", "after": "cursor", "before": "cursor",
               "filter[payment_id]": "payment-id", "filter[organisation_id]": "organisation-id"}
    for component, parameter in raw_schema["components"]["parameters"].items():
        if parameter["name"] in formats:
            parameter["schema"]["format"] = formats[parameter["name"]]
        if component == "EventsAfter":
            parameter["schema"]["format"] = "event-cursor"
    raw_schema["components"]["parameters"]["Id"]["schema"]["format"] = "payment-id"
    payment = raw_schema["components"]["schemas"].get("PaymentInput", raw_schema["components"]["schemas"]["Payment"])
    payment["properties"]["id"]["format"] = "payment-id"
    if organisation := os.environ.get("PAYMENTS_ORGANISATION"):
        # With a token, there is no other that would do; and Schemathesis knows tokens by this name.
        payment["properties"]["organisation_id"] = {"type": "string", "enum": [organisation]}
        raw_schema["components"]["securitySchemes"]["issuer"] = {"type": "http", "scheme": "bearer"}
        # Cursors of an organisation are sealed; nobody makes one up that the service opens.
        for path in ("/v1/payments", "/v1/events"):
            parameters = raw_schema["paths"].get(path, {"get": {"parameters": []}})["get"]["parameters"]
            cursors = ("After", "Before", "EventsAfter")
            parameters[:] = [each for each in parameters if each["$ref"].rsplit("/", 1)[1] not in cursors]
    close_responses(raw_schema)


def close_responses(raw_schema) -> None:
    """Closes the objects of responses. The contract leaves them open, so that properties can be added later; what the service
    sends today is declared today. Text that is carried as it was written stays open."""
    schemas = raw_schema["components"]["schemas"]
    operations = [operation for item in raw_schema["paths"].values() for operation in item.values() if "responses" in operation]
    bodies = [operation.get("requestBody") for operation in operations]
    sent = named_in([bodies, raw_schema["components"]["requestBodies"]], schemas)
    for name, schema in schemas.items():
        if name not in sent and "properties" in schema and not schema.get("x-raw-json"):
            schema["additionalProperties"] = False


def named_in(node, schemas) -> set[str]:
    """The schemas that `node` refers to, directly or by other schemas."""
    names, rest = set(), [node]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            rest.extend(node.values())
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in names:
                names.add(name)
                rest.append(schemas[name])
        elif isinstance(node, list):
            rest.extend(node)
    return names


# ---- rules ----


# RFC 6901.
POINTER = re.compile(r"(/([^/~]|~[01])*)*")

COUNT = itertools.count()


class List:
    @staticmethod
    def broken(case) -> Iterator[str]:
        query = case.query or {}
        cursors = {"after", "before"} & query.keys()
        if len(cursors) == 2:
            yield "after and before exclude each other"
        if cursors and int(query.get("from", 0)) != 0:
            yield "from excludes cursors, unless it is 0"
        if "to" in query and (cursors or "size" in query):
            yield "to excludes size and cursors"
        if "to" in query and int(query["to"]) <= int(query.get("from", 0)):
            yield "to is greater than from"

    @staticmethod
    def mend(case) -> None:
        # What is being tried out stays, and all that it does not exclude.
        names = sorted(case.query, key=lambda name: name != getattr(case.meta.phase.data, "parameter", None))
        every, case.query = case.query, {}
        for name in names:
            before = case.query
            case.query = {**before, name: every[name]}
            if broken(case):
                case.query = before


class Events:
    @staticmethod
    def broken(case) -> Iterator[str]:
        query = case.query or {}
        if query.get("after", "now") != "now" and any(name.startswith("filter[") for name in query):
            yield "a cursor is for the filters with which it was made"

    @staticmethod
    def mend(case) -> None:
        case.query = {name: value for name, value in case.query.items() if not name.startswith("filter[")}


class Update:
    @staticmethod
    def broken(case) -> Iterator[str]:
        payment = case.body["data"]
        if "version" not in payment:
            yield "an update says which version it replaces"
        if "id" in payment and payment["id"] != case.path_parameters["id"]:
            yield "the id in the body is the one in the path"

    @staticmethod
    def mend(case) -> None:
        payment = {"version": 0} | case.body["data"]
        payment.pop("id", None)
        case.body = case.body | {"data": payment}


class Patch:
    NEEDS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from"}

    @staticmethod
    def broken(case) -> Iterator[str]:
        for operation in case.body if isinstance(case.body, list) else []:
            member = Patch.NEEDS.get(operation["op"])
            if member is not None and member not in operation:
                yield f"{operation['op']} needs {member}"
            if member == "from" and not POINTER.fullmatch(operation.get("from", "")):
                yield "from is a JSON Pointer"

    @staticmethod
    def mend(case) -> None:
        case.body = [{"value": None} | operation | {"from": "/data/attributes/amount"} for operation in case.body]

    @staticmethod
    def without_unused(operation):
        """Without a `from` that `op` does not use: RFC 6902, section 4, wants it ignored, even if its type is wrong."""
        if isinstance(operation, dict) and operation.get("op") in ("add", "remove", "replace", "test"):
            return {name: value for name, value in operation.items() if name != "from"}
        return operation


class Delete:
    @staticmethod
    def broken(case) -> Iterator[str]:
        if "version" not in (case.query or {}) and "If-Match" not in (case.headers or {}):
            yield "a delete says which version, in the query or in If-Match"

    @staticmethod
    def mend(case) -> None:
        case.query = (case.query or {}) | {"version": 0}


RULES = {"listPayments": List, "listEvents": Events, "updatePayment": Update, "patchPayment": Patch, "deletePayment": Delete}


def broken(case) -> list[str]:
    """The rules that a request breaks whose every part is right by its schema."""
    rules = RULES.get(case.operation.definition.raw["operationId"])
    if rules is None or case.meta is None or not case.meta.generation.mode.is_positive:
        return []
    return list(rules.broken(case))


@schemathesis.hook
def map_case(context, case):
    """Mends three of four requests that break a rule, which would hide what else they try out."""
    if (wait := (case.query or {}).get("wait")) is not None and re.fullmatch(r"[0-9]{1,19}", str(wait)):
        # Half a minute each would take hours. That more than 30 is 30, other tests say.
        case.query = case.query | {"wait": min(int(wait), 1)}
    if isinstance(case.body, list):
        case.body = [Patch.without_unused(operation) for operation in case.body]
    if broken(case) and next(COUNT) % 4:
        RULES[case.operation.definition.raw["operationId"]].mend(case)
    return case


@schemathesis.check
def rules_between_parts_are_held(context, response, case) -> None:
    # 404 and the like are as right as 400: a request may have more than one thing wrong.
    rules = broken(case)
    if rules and response.status_code < 400:
        raise AssertionError(f"{response.status_code}, although {'; '.join(rules)}")


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    """Whether a failure is one."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        return not broken(case)
    return True
