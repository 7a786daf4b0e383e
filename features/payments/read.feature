@read @conditional
Feature: Reading a payment

  Rule: A payment is returned as it stands, with its version as entity tag

    Scenario: A payment
      Given a payment "flour"
      When payment "flour" is read
      Then the payment is returned
      And the payment is at version 0
      And the address in "$.links.self" is that of payment "flour"

    Scenario: The version counts the changes
      Given a payment "flour"
      And payment "flour" was changed 3 times
      When payment "flour" is read
      Then the payment is returned
      And the payment is at version 3

    Scenario: How the path is encoded does not matter
      Given a payment "flour"
      When "GET /v1/payments/%66l%6Fur" is requested
      Then the payment is returned
      And payment "flour" is as it was

    Scenario: HEAD gets no body
      Given a payment "flour"
      When "HEAD /v1/payments/flour" is requested
      Then the payment is returned
      And the answer is empty
      And the answer has:
        | path        | matcher | value |
        | header ETag | is      | "0"   |

  Rule: A payment that does not exist cannot be read

    Scenario: A payment that never existed
      When payment "flour" is read
      Then the request is refused as an unknown payment

    Scenario: A payment that was deleted
      Given a payment "flour"
      And payment "flour" was deleted
      When payment "flour" is read
      Then the request is refused as an unknown payment

    Scenario Outline: An id that no payment can have: <path>
      When "GET <path>" is requested
      Then the request is refused as an unknown payment

      Examples:
        | path                                                                            |
        | /v1/payments/a%20b                                                              |
        | /v1/payments/a%2Fb                                                              |
        | /v1/payments/%F0%9F%92%A9                                                       |
        | /v1/payments/%FF                                                                |
        | /v1/payments/55555555555555555555555555555555555555555555555555555555555555555 |

  Rule: A payment is not sent again to a client that has it

    Background:
      Given a payment "flour"
      And payment "flour" was changed 2 times

    Scenario Outline: The client has <tags>
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is read
      Then the payment is not sent again
      And the answer is empty
      And the answer has:
        | path        | matcher | value |
        | header ETag | is      | "2"   |

      Examples:
        | tags            |
        | "2"             |
        | W/"2"           |
        | "0", "1", "2"   |
        | "x,y" , W/"2"   |
        | *               |

    Scenario Outline: The client has <tags>, which is something else
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is read
      Then the payment is returned
      And the payment is at version 2

      Examples:
        | tags     |
        | "1"      |
        | "02"     |
        | W/"3"    |
        | 2        |
        | "0" "2"  |

    Scenario: A new version is sent
      Given payment "flour" was changed 1 time
      And the next request carries 'If-None-Match: "2"'
      When payment "flour" is read
      Then the payment is returned
      And the payment is at version 3
