@history
Feature: The history of a payment

  Each change makes a version, and every version is kept as it was: with what made it, when, by whom, and by which request. The
  history stays when the payment is gone.

  Rule: Every version is shown, newest first

    Scenario: A payment that was only created
      Given a payment "flour"
      When the history of payment "flour" is listed
      Then the history shows "payment.created 0"
      And the answer has:
        | path               | matcher    | value      |
        | $.data[0].timestamp | is a      | "UTC time" |
        | $.data[0].request_id | is present |          |
        | $.links.next       | is absent  |            |

    Scenario: A payment that was changed, and deleted
      Given a payment "flour"
      And payment "flour" was changed 2 times
      And payment "flour" was deleted
      When the history of payment "flour" is listed
      Then the history shows "payment.deleted 3, payment.updated 2, payment.updated 1, payment.created 0"
      And the answer has:
        | path                                    | matcher | value     |
        | $.data[*].payment.version               | is      | [3, 2, 1, 0] |
        | $.data[0].payment.attributes.changed    | is      | 2         |
        | $.data[1].payment.attributes.changed    | is      | 2         |
        | $.data[2].payment.attributes.changed    | is      | 1         |

    Scenario: Who asked, by the id of the request
      Given the next request carries 'X-Request-Id: order-17'
      And a payment "flour"
      When the history of payment "flour" is listed
      Then the answer has:
        | path                 | matcher | value      |
        | $.data[0].request_id | is      | "order-17" |

    Scenario: What was refused made no version
      Given a payment "flour"
      When payment "flour" is replaced at version 7
      Then the request is refused as a version conflict
      When payment "flour" is created
      Then the request is refused as a taken id
      When the history of payment "flour" is listed
      Then the history shows "payment.created 0"

    Scenario: Content is kept byte for byte
      Given a payment "flour" with the attributes:
        """
        { "amount" : "1.00",	"note":"\u00e9"  }
        """
      And payment "flour" was changed 1 time
      When version 0 of payment "flour" is read
      Then the request succeeds
      And the attributes are, byte for byte:
        """
        { "amount" : "1.00",	"note":"\u00e9"  }
        """

  Rule: A long history has pages

    Scenario: As many as asked for, and on from there
      Given a payment "flour"
      And payment "flour" was changed 4 times
      When the history of payment "flour" is listed with "size=2"
      Then the history shows "payment.updated 4, payment.updated 3"
      When the next page is asked for
      Then the history shows "payment.updated 2, payment.updated 1"
      When the next page is asked for
      Then the history shows "payment.created 0"
      And the answer has:
        | path         | matcher   | value |
        | $.links.next | is absent |       |

    Scenario: A walk shows what was there when it passed, whatever comes later
      Given a payment "flour"
      And payment "flour" was changed 2 times
      And the history of payment "flour" was listed with "size=1"
      And payment "flour" was deleted
      When the history of payment "flour" is listed with "below=2&size=1"
      Then the history shows "payment.updated 1"

    Scenario: Below the first version there is nothing
      Given a payment "flour"
      When the history of payment "flour" is listed with "below=0"
      Then the history shows ""

    Scenario Outline: The query <query>
      Given a payment "flour"
      When the history of payment "flour" is listed with "<query>"
      Then the request is refused as invalid
      And the fault is at "/query/<fault>"

      Examples:
        | query     | fault |
        | size=0    | size  |
        | size=x    | size  |
        | below=-1  | below |
        | below=1.5 | below |

  Rule: Each version has an address of its own

    Scenario: It is what the history shows
      Given a payment "flour"
      And payment "flour" was changed 1 time
      And payment "flour" was deleted
      When version 1 of payment "flour" is read
      Then the request succeeds
      And the answer has:
        | path                              | matcher | value             |
        | $.data.version                    | is      | 1                 |
        | $.data.type                       | is      | "payment.updated" |
        | $.data.payment.attributes.changed | is      | 1                 |
      When the address in "$.links.self" is read
      Then the request succeeds
      And the answer has:
        | path           | matcher | value |
        | $.data.version | is      | 1     |

    Scenario Outline: <version> is no version that there was
      Given a payment "flour"
      When "GET /v1/payments/flour/history/<version>" is requested
      Then the request is refused as an unknown version
      And the answer has:
        | path     | matcher  | value              |
        | $.detail | contains | "its newest is 0"  |

      Examples:
        | version              |
        | 1                    |
        | -1                   |
        | 00                   |
        | latest               |
        | 99999999999999999999 |

    Scenario: What never was has no history
      When the history of payment "salt" is listed
      Then the request is refused as an unknown payment
      When version 0 of payment "salt" is read
      Then the request is refused as an unknown payment
