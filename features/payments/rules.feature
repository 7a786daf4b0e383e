@rules
Feature: The rules of a payment

  What breaks a rule is refused, whether a payment is created or replaced, and every fault is named at once.

  Rule: The amount is a decimal string, greater than zero, with at most 18 digits before the point and 10 after it

    Scenario Outline: The amount <amount> is lawful
      When payment "flour" is created with:
        | pointer                 | value    |
        | /data/attributes/amount | <amount> |
      Then the payment is created
      And payment "flour" has:
        | path                     | matcher | value    |
        | $.data.attributes.amount | is      | <amount> |

      Examples:
        | amount                          |
        | "100.21"                        |
        | "7"                             |
        | "007"                           |
        | "0.0000000001"                  |
        | "1.10"                          |
        | "999999999999999999.9999999999" |

    Scenario Outline: The amount <amount> is not lawful: <why>
      When payment "flour" is created with:
        | pointer                 | value    |
        | /data/attributes/amount | <amount> |
      Then the request is refused as invalid
      And the fault is at "/data/attributes/amount"
      And nothing was stored

      Examples:
        | amount                | why                          |
        | "0"                   | zero                         |
        | "0.00"                | zero                         |
        | "-1"                  | a sign                       |
        | "+1"                  | a sign                       |
        | "1e3"                 | an exponent                  |
        | "NaN"                 | no number                    |
        | "Infinity"            | no number                    |
        | ""                    | nothing                      |
        | " 1"                  | a space                      |
        | "1 "                  | a space                      |
        | "1,000.00"            | a separator                  |
        | ".5"                  | no digit before the point    |
        | "5."                  | no digit after the point     |
        | "1.2.3"               | two points                   |
        | "0x10"                | not decimal                  |
        | "１００"                 | digits of another script     |
        | "1234567890123456789" | 19 digits before the point   |
        | "1.12345678901"       | 11 digits after the point    |
        | 100.21                | a number                     |
        | 100                   | a number                     |
        | null                  | null                         |
        | ["1"]                 | a list                       |
        | (absent)              | missing                      |

    Scenario: A second amount cannot hide the first
      When payment "flour" is created with the attributes:
        """
        {"amount": "1", "currency": "GBP", "amount": "-5"}
        """
      Then the request is refused as invalid
      And the fault is at "/data/attributes/amount"

    Scenario: Nor can one that is spelled with escapes
      When payment "flour" is created with the attributes:
        """
        {"amount": "1", "am\u006funt": "2"}
        """
      Then the request is refused as invalid
      And the fault is at "/data/attributes/amount"

  Rule: The organisation is named: 1 to 64 characters, not blank, without control characters

    Scenario Outline: The organisation <organisation> is lawful
      When payment "flour" is created with:
        | pointer               | value          |
        | /data/organisation_id | <organisation> |
      Then the payment is created
      And the answer has:
        | path                   | matcher | value          |
        | $.data.organisation_id | is      | <organisation> |

      Examples:
        | organisation                                                       |
        | "a"                                                                |
        | "Bäckerei Müller & Söhne"                                          |
        | "4444444444444444444444444444444444444444444444444444444444444444" |

    Scenario Outline: The organisation <organisation> is not lawful: <why>
      When payment "flour" is created with:
        | pointer               | value          |
        | /data/organisation_id | <organisation> |
      Then the request is refused as invalid
      And the fault is at "/data/organisation_id"
      And nothing was stored

      Examples:
        | organisation                                                        | why                     |
        | ""                                                                  | empty                   |
        | "   "                                                               | blank                   |
        | "\\ufeff"                                                           | nothing visible         |
        | "a\\u0000b"                                                         | a control character     |
        | "55555555555555555555555555555555555555555555555555555555555555555" | more than 64 characters |
        | 7                                                                   | a number                |
        | {}                                                                  | an object               |
        | null                                                                | null                    |
        | (absent)                                                            | missing                 |

  Rule: Every member has its type, and there are no others

    Scenario Outline: <pointer> cannot be <value>
      When payment "flour" is created with:
        | pointer   | value   |
        | <pointer> | <value> |
      Then the request is refused as invalid
      And the fault is at "<pointer>"
      And nothing was stored

      Examples:
        | pointer           | value       |
        | /data             | null        |
        | /data             | []          |
        | /data             | (absent)    |
        | /data/type        | "payment"   |
        | /data/type        | "Refund"    |
        | /data/type        | (absent)    |
        | /data/version     | "0"         |
        | /data/version     | 1.5         |
        | /data/version     | 1e300       |
        | /data/version     | -1          |
        | /data/attributes  | "{}"        |
        | /data/attributes  | []          |
        | /data/attributes  | null        |
        | /data/attributes  | (absent)    |
        | /data/created_on  | "yesterday" |
        | /data/modified_on | 0           |
        | /data/modified_on | "yesterday" |
        | /data/colour      | "red"       |
        | /data/Id          | "flour"     |
        | /meta             | {}          |

    Scenario: A member that is there twice
      When this payment is created:
        """
        {"data": {"id": "flour", "type": "Payment", "organisation_id": "a", "organisation_id": "b",
                  "attributes": {"amount": "1"}}}
        """
      Then the request is refused as invalid
      And the fault is at "/data/organisation_id"
      And the answer has:
        | path               | matcher | value                                      |
        | $.errors[0].detail | is      | "stands twice in the same object; keep one" |

    Scenario: A member that is there twice among many that are unknown
      When this payment is created:
        """
        {"data": {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1, "j": 1, "k": 1, "l": 1,
                  "id": "flour", "type": "Payment", "organisation_id": "a", "organisation_id": "b",
                  "attributes": {"amount": "1"}}}
        """
      Then the request is refused as invalid
      And the answer has:
        | path        | matcher  | value                                                                                          |
        | $.errors[*] | contains | {"pointer": "/data/organisation_id", "detail": "stands twice in the same object; keep one"}    |

    Scenario Outline: Half of a character in <where>
      When this payment is created:
        """
        {"data": {"type": "Payment", <members>}}
        """
      Then the request is refused as invalid
      And the fault is at "<fault>"
      And nothing was stored

      Examples:
        | where            | members                                                              | fault                 |
        | the organisation | "organisation_id": "\\ud800", "attributes": {"amount": "1"}          | /data/organisation_id |
        | a key            | "organisation_id": "a", "attributes": {"amount": "1"}, "\\ud800": 1  | /data                 |

    Scenario: Everything that is missing is named at once
      When this payment is created:
        """
        {"data": {}}
        """
      Then the request is refused as invalid
      And the faults are at:
        | pointer               |
        | /data/type            |
        | /data/organisation_id |
        | /data/attributes      |

    Scenario: Everything that is wrong is named at once
      When this payment is created:
        """
        {"data": {"id": "a b", "type": "Refund", "version": -1, "organisation_id": "  ",
                  "attributes": {"amount": "0"}, "created_on": "yesterday", "a/b~c": 1},
         "meta": {}}
        """
      Then the request is refused as invalid
      And the faults are at:
        | pointer                 |
        | /data/id                |
        | /data/type              |
        | /data/version           |
        | /data/organisation_id   |
        | /data/attributes/amount |
        | /data/created_on        |
        | /data/a~1b~0c           |
        | /meta                   |
      And nothing was stored

    Scenario: The same rules hold for a replacement
      Given a payment "flour"
      When payment "flour" is replaced at version 0 with:
        | pointer                 | value    |
        | /data/type              | "Refund" |
        | /data/organisation_id   | " "      |
        | /data/attributes/amount | "0"      |
        | /data/colour            | "red"    |
      Then the request is refused as invalid
      And the faults are at:
        | pointer                 |
        | /data/type              |
        | /data/organisation_id   |
        | /data/attributes/amount |
        | /data/colour            |
      And payment "flour" is as it was
