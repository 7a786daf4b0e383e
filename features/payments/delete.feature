@delete
Feature: Deleting a payment

  A client names the version that it deletes, so that it deletes nothing that it has not seen. The id stays taken.

  Rule: A deleted payment is gone, and its id stays taken

    Scenario: A payment is deleted
      Given a payment "flour"
      When payment "flour" is deleted at version 0
      Then the payment is deleted
      And the answer is empty
      And payment "flour" is gone
      And there are 0 payments

    Scenario: It is not in the list
      Given 3 payments
      When payment "payment-2" is deleted at version 0
      Then the payment is deleted
      When the payments are listed
      Then the page shows "payment-1, payment-3"

    Scenario: It cannot be deleted again
      Given a payment "flour"
      And payment "flour" was deleted
      When payment "flour" is deleted at version 0
      Then the request is refused as an unknown payment

    Scenario: Nothing brings it back
      Given a payment "flour"
      And payment "flour" was deleted
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "1"}}}
        """
      Then the request is refused as an unknown payment
      When payment "flour" is replaced at version 1
      Then the request is refused as an unknown payment
      When payment "flour" is created
      Then the request is refused as a taken id

  Rule: The version stands in the query or in If-Match

    Background:
      Given a payment "flour"
      And payment "flour" was changed 1 time

    @conditional
    Scenario Outline: If-Match <tags>
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is deleted
      Then the payment is deleted

      Examples:
        | tags     |
        | "1"      |
        | "0", "1" |
        | *        |

    @conditional
    Scenario: Both, if they agree
      Given the next request carries 'If-Match: "1"'
      When payment "flour" is deleted at version 1
      Then the payment is deleted

    Scenario: Neither
      When payment "flour" is deleted
      Then the request is refused as invalid
      And the fault is at "/query/version"
      And payment "flour" is as it was

    Scenario Outline: The query <query> names no version
      When "DELETE /v1/payments/flour?<query>" is requested
      Then the request is refused as invalid
      And the fault is at "/query/version"
      And payment "flour" is as it was

      Examples:
        | query                       |
        | version=                    |
        | version=abc                 |
        | version=-1                  |
        | version=1.0                 |
        | version=9223372036854775808 |
        | version=1&version=1         |

  Rule: Only the current version is deleted

    Background:
      Given a payment "flour"
      And payment "flour" was changed 1 time

    Scenario Outline: Version <version>
      When payment "flour" is deleted at version <version>
      Then the request is refused as a version conflict
      And payment "flour" is as it was

      Examples:
        | version |
        | 0       |
        | 2       |

    @conditional
    Scenario Outline: If-Match <tags>
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is deleted
      Then the request is refused as <refusal>
      And payment "flour" is as it was

      Examples:
        | tags  | refusal               |
        | "0"   | a failed precondition |
        | W/"1" | a failed precondition |

    @conditional
    Scenario: If-Match without quotes
      Given the next request carries 'If-Match: 1'
      When payment "flour" is deleted
      Then the request is refused as invalid
      And the fault is at "/header/If-Match"
      And payment "flour" is as it was

    @conditional
    Scenario Outline: If-Match <tags> at version <version>
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is deleted at version <version>
      Then the request is refused as <refusal>
      And payment "flour" is as it was

      Examples:
        | tags | version | refusal               |
        | "0"  | 1       | a failed precondition |
        | "1"  | 0       | a version conflict    |

  Rule: A payment that does not exist cannot be deleted

    Scenario: A payment that never existed
      When payment "flour" is deleted at version 0
      Then the request is refused as an unknown payment
