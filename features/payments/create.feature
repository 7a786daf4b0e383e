@create
Feature: Creating a payment

  A client stores a payment under an id of its own choice. That makes it safe to repeat the request: the second is
  refused, and nothing is paid twice.

  Rule: A created payment is returned, with its address

    Scenario: A new payment
      When payment "flour" is created with:
        | pointer                          | value                 |
        | /data/organisation_id            | "harbour-lane-bakery" |
        | /data/attributes                 | {"amount": "100.21"}  |
      Then the payment is created
      And the payment is at version 0
      And the address in "header Location" is that of payment "flour"
      And the address in "$.links.self" is that of payment "flour"
      And the answer has:
        | path                   | matcher | value                 |
        | $.data.id              | is      | "flour"               |
        | $.data.type            | is      | "Payment"             |
        | $.data.organisation_id | is      | "harbour-lane-bakery" |
        | $.data.attributes      | is      | {"amount": "100.21"}  |
        | $.data.created_on      | is a    | "UTC time"            |
        | $.data.modified_on     | is a    | "UTC time"            |
      And the payment was last changed when it was created
      And payment "flour" is as it was
      And there is 1 payment

    Scenario: The version that a client sends with a new payment is ignored
      When payment "flour" is created with:
        | pointer       | value |
        | /data/version | 41    |
      Then the payment is created
      And the payment is at version 0

    Scenario: A new payment needs no version
      When payment "flour" is created with:
        | pointer       | value    |
        | /data/version | (absent) |
      Then the payment is created
      And the payment is at version 0

    Scenario: Members that only the server sets are ignored
      When payment "flour" is created with:
        | pointer           | value                         |
        | /data/created_on  | "1999-12-31T23:59:59Z"        |
        | /data/modified_on | "1999-12-31T23:59:59.5+01:00" |
        | /links            | {"self": "somewhere else"}    |
      Then the payment is created
      And the answer has:
        | path               | matcher     | value                         |
        | $.data.created_on  | is at least | "2026-01-01T00:00:00.000000Z" |
        | $.data.modified_on | is at least | "2026-01-01T00:00:00.000000Z" |
      And the address in "$.links.self" is that of payment "flour"

  Rule: The client chooses the id; without one, the server assigns a UUID of version 7

    Scenario: A payment without an id
      When a payment without an id is created
      Then the payment is created
      And the answer has:
        | path      | matcher | value               |
        | $.data.id | is a    | "UUID of version 7" |
      When the address in "header Location" is read
      Then the payment is returned

    Scenario Outline: <id> is an id
      When payment '<id>' is created
      Then the payment is created
      And the address in "header Location" is that of payment '<id>'
      And payment '<id>' is as it was

      Examples:
        | id                                                               |
        | 1                                                                |
        | 019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20                             |
        | HLB_2026.01~17                                                   |
        | .hidden                                                          |
        | 4444444444444444444444444444444444444444444444444444444444444444 |

    # Characters that Gherkin has a use for are written as JSON here.
    Scenario: All of visible ASCII may stand in an id, but for / ? # %
      When payment "odd" is created with:
        | pointer  | value                          |
        | /data/id | "!\\"$&()*+,-.:;<=>@[\\\\]^_`{\|}~" |
      Then the payment is created
      And the answer has:
        | path            | matcher  | value                                                             |
        | header Location | contains | /v1/payments/!%22$&()*+,-.:;%3C=%3E@%5B%5C%5D%5E_%60%7B%7C%7D~    |
        | $.links.self    | contains | "/v1/payments/!%22$&()*+,-.:;%3C=%3E@%5B%5C%5D%5E_%60%7B%7C%7D~"  |
      When the address in "header Location" is read
      Then the payment is returned
      And the answer has:
        | path      | matcher | value                            |
        | $.data.id | is      | "!\\"$&()*+,-.:;<=>@[\\\\]^_`{\|}~" |

    Scenario Outline: <id> is no id: <why>
      When payment "flour" is created with:
        | pointer  | value |
        | /data/id | <id>  |
      Then the request is refused as invalid
      And the fault is at "/data/id"
      And nothing was stored

      Examples:
        | id                                                                  | why                    |
        | ""                                                                  | it is empty            |
        | "a b"                                                               | a space                |
        | "a/b"                                                               | a slash                |
        | "a?b"                                                               | a question mark        |
        | "a#b"                                                               | a hash                 |
        | "a%20b"                                                             | a percent sign         |
        | "é"                                                                 | not ASCII              |
        | "a\\u0000b"                                                         | not visible            |
        | "."                                                                 | only dots              |
        | ".."                                                                | only dots              |
        | "55555555555555555555555555555555555555555555555555555555555555555" | more than 64 characters |
        | 7                                                                   | a number               |
        | null                                                                | null                   |

  Rule: An id is used once, for ever

    Scenario: An id that is taken
      Given a payment "flour"
      When payment "flour" is created with:
        | pointer                 | value   |
        | /data/attributes/amount | "99.00" |
      Then the request is refused as a taken id
      And payment "flour" is as it was

    Scenario: The id of a deleted payment
      Given a payment "flour"
      And payment "flour" was deleted
      When payment "flour" is created
      Then the request is refused as a taken id
      And payment "flour" is gone

    Scenario: Ids that differ in case alone are two
      Given a payment "flour"
      When payment "FLOUR" is created
      Then the payment is created
      And there are 2 payments
