@patch
Feature: Changing a part of a payment

  A patch is applied to the document `{"data": Payment}` as it stands: a JSON Patch (RFC 6902) or a merge patch (RFC 7396).
  All of it is applied, or none.

  Rule: A JSON Patch does its operations one after the other

    Scenario: The amount is raised, if it is still what it was
      Given a payment "flour" with the attributes:
        """
        {"amount":"100.21","currency":"GBP","end_to_end_reference":"HLB-2026-0117"}
        """
      When payment "flour" is patched with:
        """
        [{"op": "test", "path": "/data/attributes/amount", "value": "100.21"},
         {"op": "replace", "path": "/data/attributes/amount", "value": "120.00"},
         {"op": "remove", "path": "/data/attributes/end_to_end_reference"}]
        """
      Then the payment is changed
      And the payment is at version 1
      And the payment was created when it was
      And the payment was changed after it was created
      And payment "flour" has the attributes, byte for byte:
        """
        {"amount":"120.00","currency":"GBP"}
        """

    Scenario Outline: It does <operation>
      Given a payment "flour" with the attributes:
        """
        {"amount":"1","list":["a","b"],"party":{"name":"x"}}
        """
      When payment "flour" is patched with:
        """
        [<operation>]
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        <attributes>
        """

      Examples:
        | operation                                                                            | attributes                                                             |
        | {"op":"add","path":"/data/attributes/note","value":null}                             | {"amount":"1","list":["a","b"],"party":{"name":"x"},"note":null}       |
        | {"op":"add","path":"/data/attributes/list/-","value":1.10}                           | {"amount":"1","list":["a","b",1.10],"party":{"name":"x"}}              |
        | {"op":"add","path":"/data/attributes/list/0","value":[]}                             | {"amount":"1","list":[[],"a","b"],"party":{"name":"x"}}                |
        | {"op":"remove","path":"/data/attributes/list/0"}                                     | {"amount":"1","list":["b"],"party":{"name":"x"}}                       |
        | {"op":"replace","path":"/data/attributes/party/name","value":"y"}                    | {"amount":"1","list":["a","b"],"party":{"name":"y"}}                   |
        | {"op":"move","from":"/data/attributes/party/name","path":"/data/attributes/name"}    | {"amount":"1","list":["a","b"],"party":{},"name":"x"}                  |
        | {"op":"copy","from":"/data/attributes/party","path":"/data/attributes/debtor"}       | {"amount":"1","list":["a","b"],"party":{"name":"x"},"debtor":{"name":"x"}} |
        | {"op":"test","path":"/data/attributes/list","value":["a","b"]}                       | {"amount":"1","list":["a","b"],"party":{"name":"x"}}                   |

    Scenario: An empty patch is a change all the same
      Given a payment "flour"
      When payment "flour" is patched with:
        """
        []
        """
      Then the payment is changed
      And the payment is at version 1

    Scenario: All of it is applied, or none
      Given a payment "flour"
      When payment "flour" is patched with:
        """
        [{"op": "replace", "path": "/data/attributes/amount", "value": "7"},
         {"op": "test", "path": "/data/attributes/currency", "value": "EUR"}]
        """
      Then the request is refused as a failed test
      And payment "flour" is as it was

    Scenario: A text is not the number that it spells
      Given a payment "flour" with the attributes:
        """
        {"amount":"1","rate":1.10}
        """
      When payment "flour" is patched with:
        """
        [{"op": "test", "path": "/data/attributes/rate", "value": "1.10"}]
        """
      Then the request is refused as a failed test
      And payment "flour" is as it was

  Rule: A merge patch replaces what it names, and removes what it calls null

    Scenario: The amount is raised, and the reference goes
      Given a payment "flour" with the attributes:
        """
        {"amount":"100.21","reference":"Flour, January","party":{"name":"x","bank_id":"000102"}}
        """
      When payment "flour" is merged with:
        """
        {"data": {"organisation_id": "quayside-bakery",
                  "attributes": {"amount": "120.00", "reference": null, "party": {"bank_id": null}, "note": [null]}}}
        """
      Then the payment is changed
      And the payment is at version 1
      And payment "flour" has:
        | path                   | matcher | value                                                           |
        | $.data.organisation_id | is      | "quayside-bakery"                                               |
        | $.data.attributes      | is      | {"amount": "120.00", "party": {"name": "x"}, "note": [null]}    |

    Scenario: What was read is a merge patch that changes nothing but the version
      Given a payment "flour"
      When payment "flour" is merged with what was read
      Then the payment is changed
      And the payment is at version 1

  Rule: A patch that names a version is applied to that version only

    Background:
      Given a payment "flour"
      And payment "flour" was changed 1 time

    Scenario: A merge patch of the current version
      When payment "flour" is merged with:
        """
        {"data": {"version": 1, "attributes": {"amount": "7"}}}
        """
      Then the payment is changed
      And the payment is at version 2

    Scenario: A merge patch of another version
      When payment "flour" is merged with:
        """
        {"data": {"version": 0, "attributes": {"amount": "7"}}}
        """
      Then the request is refused as a version conflict
      And payment "flour" is as it was

    Scenario: A JSON Patch that tests the version
      When payment "flour" is patched with:
        """
        [{"op": "test", "path": "/data/version", "value": 0}]
        """
      Then the request is refused as a failed test
      And payment "flour" is as it was

    @conditional
    Scenario Outline: If-Match <tags>
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the payment is changed
      And the payment is at version 2

      Examples:
        | tags     |
        | "1"      |
        | "1", "2" |
        | *        |

    @conditional
    Scenario: If-Match and a version, if they agree
      Given the next request carries 'If-Match: "1"'
      When payment "flour" is merged with:
        """
        {"data": {"version": 1, "attributes": {"amount": "7"}}}
        """
      Then the payment is changed
      And the payment is at version 2

    @conditional
    Scenario: If-Match without quotes
      Given the next request carries 'If-Match: 1'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as invalid
      And the fault is at "/header/If-Match"
      And payment "flour" is as it was

    @conditional
    Scenario Outline: If-Match <tags>: <refusal>
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as <refusal>
      And payment "flour" is as it was

      Examples:
        | tags  | refusal               |
        | "0"   | a failed precondition |
        | W/"1" | a failed precondition |

  Rule: A result that breaks a rule is refused, and every fault is named

    Background:
      Given a payment "flour"

    Scenario Outline: The merge patch <patch>
      When payment "flour" is merged with:
        """
        <patch>
        """
      Then the request is refused as an inapplicable patch
      And the fault is at "<fault>"
      And payment "flour" is as it was

      Examples:
        | patch                                                | fault                   |
        | {"data":{"attributes":{"amount":"0"}}}               | /data/attributes/amount |
        | {"data":{"attributes":{"amount":null}}}              | /data/attributes/amount |
        | {"data":{"attributes":null}}                         | /data/attributes        |
        | {"data":{"type":"Refund"}}                           | /data/type              |
        | {"data":{"organisation_id":" "}}                     | /data/organisation_id   |
        | {"data":{"id":"yeast"}}                              | /data/id                |
        | {"data":{"version":null}}                            | /data/version           |
        | {"data":{"colour":"red"}}                            | /data/colour            |
        | {"data":null}                                        | /data                   |

    Scenario: Several faults at once
      When payment "flour" is merged with:
        """
        {"data": {"organisation_id": " ", "attributes": {"amount": "-1"}, "colour": "red"}}
        """
      Then the request is refused as an inapplicable patch
      And the faults are at:
        | pointer                 |
        | /data/organisation_id   |
        | /data/attributes/amount |
        | /data/colour            |
      And payment "flour" is as it was

    Scenario Outline: The operation <operation>
      When payment "flour" is patched with:
        """
        [<operation>]
        """
      Then the request is refused as an inapplicable patch
      And payment "flour" is as it was

      Examples:
        | operation                                                                              |
        | {"op":"remove","path":"/data/attributes/missing"}                                      |
        | {"op":"replace","path":"/data/attributes/missing","value":1}                           |
        | {"op":"add","path":"/data/attributes/missing/deeper","value":1}                        |
        | {"op":"move","from":"/data/attributes/missing","path":"/data/attributes/x"}            |
        | {"op":"move","from":"/data/attributes","path":"/data/attributes/amount"}               |
        | {"op":"remove","path":"/data/attributes/amount"}                                       |
        | {"op":"replace","path":"/data/attributes/amount","value":100.21}                       |
        | {"op":"replace","path":"","value":{}}                                                  |

  Rule: A malformed patch is refused as invalid

    Background:
      Given a payment "flour"

    Scenario Outline: The JSON Patch <patch>
      When payment "flour" is patched with:
        """
        <patch>
        """
      Then the request is refused as invalid
      And the fault is at "<fault>"
      And payment "flour" is as it was

      Examples:
        | patch                                            | fault    |
        |                                                  |          |
        | {}                                               |          |
        | [                                                |          |
        | [{"op":"jump","path":"/data"}]                   | /0/op    |
        | [{"path":"/data/attributes/x"}]                  | /0/op    |
        | [{"op":"remove"}]                                | /0/path  |
        | [{"op":"remove","path":7}]                       | /0/path  |
        | [{"op":"remove","path":"data"}]                  | /0/path  |
        | [{"op":"add","path":"/data/attributes/x"}]       | /0/value |
        | [{"op":"move","path":"/data/attributes/x"}]      | /0/from  |
        | [{"op":"remove","op":"test","path":"/data/attributes/amount","value":"100.21"}]                  | /0/op    |
        | [{"op":"replace","path":"/data/attributes/amount","path":"/data/attributes/note","value":"9"}]   | /0/path  |
        | [{"op":"replace","path":"/data/attributes/amount","value":"9","v\\u0061lue":"8"}]                 | /0/value |
        | [{"op":"remove","path":"/data/attributes/note","note":1,"note":1}]                               | /0/note  |

    Scenario: A member that an operation does not use is ignored, whatever it is
      When payment "flour" is patched with:
        """
        [{"op": "replace", "path": "/data/attributes/amount", "value": "9", "from": 7, "note": {}}]
        """
      Then the payment is changed

    Scenario: Every fault of a JSON Patch is named at once
      When payment "flour" is patched with:
        """
        [{"op": "jump", "path": "/data"}, {"path": 7}]
        """
      Then the request is refused as invalid
      And the faults are at:
        | pointer |
        | /0/op   |
        | /1/op   |
        | /1/path |

    Scenario Outline: The merge patch <patch>
      When payment "flour" is merged with:
        """
        <patch>
        """
      Then the request is refused as invalid
      And the fault is at ""
      And payment "flour" is as it was

      Examples:
        | patch |
        | []    |
        | null  |
        | "x"   |
        | {     |

    Scenario Outline: The merge patch <patch>, in which a key stands twice
      When payment "flour" is merged with:
        """
        <patch>
        """
      Then the request is refused as invalid
      And the answer has:
        | path               | matcher | value                                       |
        | $.errors[0].pointer | is     | "<fault>"                                   |
        | $.errors[0].detail | is      | "stands twice in the same object; keep one" |
      And payment "flour" is as it was

      Examples:
        | patch                                                       | fault                   |
        | {"data":{"attributes":{"amount":"5","amount":"6"}}}         | /data/attributes/amount |
        | {"data":{"attributes":{"amount":"5","\\u0061mount":"6"}}}    | /data/attributes/amount |
        | {"data":{"attributes":{"new":{"o":{"k":1,"k":2}}}}}         | /data/attributes/new/o/k |
        | {"data":{"attributes":{"note":null,"note":"x"}}}            | /data/attributes/note   |
        | {"data":{"version":0,"version":0}}                          | /data/version           |
        | {"data":{},"data":{"attributes":{"amount":"6"}}}            | /data                   |

    Scenario Outline: The refusal of another media type names those that would do: <media type>
      Given the next request carries 'Content-Type: <media type>'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as an unsupported media type
      And the answer has:
        | path                | matcher | value                                                     |
        | header Accept-Patch | is      | application/json-patch+json, application/merge-patch+json |
      And payment "flour" is as it was

      Examples:
        | media type               |
        | application/json         |
        | application/vnd.api+json |
        | text/plain               |

  Rule: A payment that does not exist cannot be patched

    Scenario: A payment that never existed
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as an unknown payment
      And nothing was stored

    @conditional
    Scenario: If-Match holds for no payment that was deleted
      Given a payment "flour"
      And payment "flour" was deleted
      And the next request carries 'If-Match: *'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as an unknown payment
      And payment "flour" is gone
