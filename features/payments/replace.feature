@replace
Feature: Replacing a payment

  A client sends the whole payment, and the version that it last saw. If that is still the current one, the payment is
  replaced. Otherwise someone was faster: nothing changes, and the client reads again.

  Rule: A replaced payment is one version on

    Scenario: Another amount
      Given a payment "flour"
      When payment "flour" is replaced at version 0 with:
        | pointer               | value               |
        | /data/organisation_id | "quayside-bakery"   |
        | /data/attributes      | {"amount": "120.5"} |
      Then the payment is changed
      And the payment is at version 1
      And the answer has:
        | path                   | matcher | value               |
        | $.data.id              | is      | "flour"             |
        | $.data.organisation_id | is      | "quayside-bakery"   |
        | $.data.attributes      | is      | {"amount": "120.5"} |
      And the address in "$.links.self" is that of payment "flour"
      And payment "flour" is as it was

    Scenario: Once more
      Given a payment "flour"
      And payment "flour" was changed 2 times
      When payment "flour" is replaced at version 2
      Then the payment is changed
      And payment "flour" is at version 3

    Scenario: The id need not be repeated
      Given a payment "flour"
      When payment "flour" is replaced at version 0 with:
        | pointer  | value    |
        | /data/id | (absent) |
      Then the payment is changed
      And payment "flour" is at version 1

    Scenario: What was read can be put back as it is
      Given a payment "flour"
      And payment "flour" was changed 1 time
      When payment "flour" is put back as it was read
      Then the payment is changed
      And the payment is at version 2

    Scenario: The time of creation stays, and the time of change does not go back
      Given a payment "flour" with:
        | pointer          | value                  |
        | /data/created_on | "1999-12-31T23:59:59Z" |
      When payment "flour" is replaced at version 0 with:
        | pointer           | value                  |
        | /data/created_on  | "2999-12-31T23:59:59Z" |
        | /data/modified_on | "2999-12-31T23:59:59Z" |
      Then the payment is changed
      And the answer has:
        | path               | matcher | value      |
        | $.data.modified_on | is a    | "UTC time" |
        | $.data.modified_on | matches | "^20"      |
      And the payment was created when it was
      And the payment was changed after it was created

  Rule: Another version than the current one is a conflict, and changes nothing

    Scenario Outline: Version <version>, while 1 is current
      Given a payment "flour"
      And payment "flour" was changed 1 time
      When payment "flour" is replaced at version <version>
      Then the request is refused as a version conflict
      And payment "flour" is as it was

      Examples:
        | version             |
        | 0                   |
        | 2                   |
        | 9223372036854775807 |

  Rule: A replacement names its version and no other payment

    Background:
      Given a payment "flour"

    Scenario: No version
      When payment "flour" is replaced at version 0 with:
        | pointer       | value    |
        | /data/version | (absent) |
      Then the request is refused as invalid
      And the fault is at "/data/version"
      And payment "flour" is as it was

    Scenario: Another id than in the path
      When payment "flour" is replaced at version 0 with:
        | pointer  | value   |
        | /data/id | "yeast" |
      Then the request is refused as invalid
      And the fault is at "/data/id"
      And payment "flour" is as it was

    Scenario: Another id than in the path, where no payment is
      When payment "yeast" is replaced at version 0 with:
        | pointer  | value   |
        | /data/id | "flour" |
      Then the request is refused as invalid
      And the fault is at "/data/id"
      And payment "flour" is as it was

    Scenario: Both at once
      When payment "flour" is replaced at version 0 with:
        | pointer       | value    |
        | /data/id      | "yeast"  |
        | /data/version | (absent) |
      Then the request is refused as invalid
      And the faults are at:
        | pointer       |
        | /data/id      |
        | /data/version |

  Rule: A payment that does not exist cannot be replaced

    Scenario: A payment that never existed
      When payment "flour" is replaced at version 0
      Then the request is refused as an unknown payment
      And nothing was stored

    Scenario: A payment that was deleted
      Given a payment "flour"
      And payment "flour" was deleted
      When payment "flour" is replaced at version 0
      Then the request is refused as an unknown payment
      And payment "flour" is gone

  Rule: If-Match must hold, and is checked before the version

    @conditional
    Scenario Outline: If-Match <tags> at version <version>, while 1 is current: the payment is changed
      Given a payment "flour"
      And payment "flour" was changed 1 time
      And the next request carries 'If-Match: <tags>'
      When payment "flour" is replaced at version <version>
      Then the payment is changed
      And the payment is at version 2

      Examples:
        | tags       | version |
        | "1"        | 1       |
        | "0", "1"   | 1       |
        | *          | 1       |

    @conditional
    Scenario Outline: If-Match <tags> at version <version>, while 1 is current: <refusal>
      Given a payment "flour"
      And payment "flour" was changed 1 time
      And the next request carries 'If-Match: <tags>'
      When payment "flour" is replaced at version <version>
      Then the request is refused as <refusal>
      And payment "flour" is as it was

      Examples:
        | tags  | version | refusal               |
        | "0"   | 1       | a failed precondition |
        | "2"   | 1       | a failed precondition |
        | W/"1" | 1       | a failed precondition |
        | "01"  | 1       | a failed precondition |
        | "0"   | 0       | a failed precondition |
        | "1"   | 0       | a version conflict    |
        | *     | 0       | a version conflict    |

    @conditional
    Scenario Outline: If-Match <tags>, which is malformed
      Given a payment "flour"
      And payment "flour" was changed 1 time
      And the next request carries 'If-Match: <tags>'
      When payment "flour" is replaced at version 1
      Then the request is refused as invalid
      And the fault is at "/header/If-Match"
      And payment "flour" is as it was

      Examples:
        | tags |
        | 1    |
        | "1   |

    @conditional
    Scenario: If-Match holds for no payment that does not exist
      Given the next request carries 'If-Match: *'
      When payment "flour" is replaced at version 0
      Then the request is refused as an unknown payment
