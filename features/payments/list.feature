@list
Feature: Listing payments

  Payments come in order of creation, a page at a time. `links.next` is always there: it leads through all of them, and from
  the last page on to where new payments will appear.

  Rule: A page shows payments in order of creation

    Scenario: No payments
      When the payments are listed
      Then the page is empty
      And the answer has:
        | path         | matcher    | value |
        | $.links.next | is present |       |
        | $.links.prev | is absent  |       |

    Scenario: From the empty list on to what is new
      Given the payments were listed
      And the client keeps the next link
      When payment "flour" is created
      And the client asks for the link it kept
      Then the page shows "flour"

    Scenario: A few
      Given a payment "yeast"
      And a payment "flour"
      And a payment "salt"
      When the payments are listed
      Then the page shows "yeast, flour, salt"
      And the answer has:
        | path                    | matcher | value     |
        | $.data[0].type          | is      | "Payment" |
        | $.data[0].version       | is      | 0         |
        | $.data[*].attributes.amount | is  | ["100.21", "100.21", "100.21"] |

    Scenario: A change moves nothing
      Given a payment "yeast"
      And a payment "flour"
      And payment "yeast" was changed 2 times
      When the payments are listed
      Then the page shows "yeast, flour"
      And the answer has:
        | path              | matcher | value  |
        | $.data[*].version | is      | [2, 0] |

  Rule: A page has at most as many as the client asks for, and never more than the server allows

    Scenario: As many as asked for
      Given 5 payments
      When the payments are listed with "size=2"
      Then the page shows payments 1 to 2

    @started
    Scenario: Twenty by default
      Given 21 payments
      When the payments are listed
      Then the page shows payments 1 to 20

    @started
    Scenario: As many as the server allows, by default
      Given a service started with "--max-results 3"
      And 4 payments
      When the payments are listed
      Then the page shows payments 1 to 3

    @started
    Scenario Outline: More than the server allows is capped, not refused: <query>
      Given a service started with "--max-results 3"
      And 4 payments
      When the payments are listed with "<query>"
      Then the page shows payments 1 to 3
      When the next page is asked for
      Then the page shows "payment-4"

      Examples:
        | query                    |
        | size=4                   |
        | size=9223372036854775807 |

      @before-2027-01-15
      Examples:
        | query                         |
        | to=1000                       |
        | from=0&to=9223372036854775807 |

  Rule: The links lead on and back

    Background:
      Given 7 payments

    Scenario: Forward
      When the payments are listed with "size=3"
      Then the page shows payments 1 to 3
      And the answer has:
        | path         | matcher   | value |
        | $.links.prev | is absent |       |
      When the next page is asked for
      Then the page shows payments 4 to 6
      When the next page is asked for
      Then the page shows "payment-7"
      When the next page is asked for
      Then the page is empty

    Scenario: Back
      Given the payments were listed with "size=3"
      And the next page was asked for
      And the next page was asked for
      When the prev page is asked for
      Then the page shows payments 4 to 6
      When the prev page is asked for
      Then the page shows payments 1 to 3
      And the answer has:
        | path         | matcher   | value |
        | $.links.prev | is absent |       |

    Scenario: Back, and forward again
      Given the payments were listed with "size=3"
      And the next page was asked for
      And the next page was asked for
      When the prev page is asked for
      Then the page shows payments 4 to 6
      When the next page is asked for
      Then the page shows "payment-7"

    Scenario: Back from the empty page at the end
      Given the payments were listed with "size=3"
      And the next page was asked for
      And the next page was asked for
      And the next page was asked for
      When the prev page is asked for
      Then the page shows payments 5 to 7

    Scenario: Back from behind the end
      Given the payments were listed with "from=100&size=2"
      When the prev page is asked for
      Then the page shows payments 6 to 7

    Scenario Outline: The first page has no page before it, whatever way a client came to it: <query>
      When the payments are listed with "<query>"
      Then the page shows payments 1 to 2
      And the answer has:
        | path         | matcher   | value |
        | $.links.prev | is absent |       |

      Examples:
        | query                     |
        | size=2                    |
        | from=0&size=2             |
        | after=AQAAAAAAAAAA&size=2 |

    Scenario Outline: Nothing is before the beginning: <query>
      When the payments are listed with "<query>"
      Then the page is empty
      And the answer has:
        | path         | matcher   | value |
        | $.links.prev | is absent |       |
      When the next page is asked for
      Then the page shows payments 1 to 2

      Examples:
        | query                      |
        | before=AQAAAAAAAAAA&size=2 |
        | before=AQAAAAAAAAAB&size=2 |

    Scenario Outline: A number that is too large is told the largest: <query>
      When the payments are listed with "<query>"
      Then the request is refused as invalid
      And the answer has:
        | path               | matcher | value                                                 |
        | $.errors[0].pointer | is     | "<fault>"                                             |
        | $.errors[0].detail | is      | "is too large; send at most 9223372036854775807"      |

      Examples:
        | query                     | fault       |
        | size=9223372036854775808  | /query/size |
        | from=99999999999999999999 | /query/from |

    Scenario: A page is the first once all before it is deleted
      Given the payments were listed with "size=1"
      And the client keeps the next link
      And payment "payment-1" was deleted
      When the client asks for the link it kept
      Then the page shows "payment-2"
      And the answer has:
        | path         | matcher   | value |
        | $.links.prev | is absent |       |

    Scenario Outline: A walk back ends at the first page, from <query>
      When a client walks back from the page "<query>"
      Then every payment was shown once, in order of creation

      Examples:
        | query          |
        | from=6&size=3  |
        | from=6&size=1  |
        | from=7&size=2  |
        | from=99&size=2 |
        | from=0&size=7  |

    Scenario: The page itself
      Given the payments were listed with "size=3"
      And the next page was asked for
      When the self page is asked for
      Then the page shows payments 4 to 6

    Scenario: From the last page on to what is new
      Given the payments were listed with "from=6&size=3"
      And the client keeps the next link
      When payment "late" is created
      And the client asks for the link it kept
      Then the page shows "late"

    Scenario: From behind the end on to what is new
      Given the payments were listed with "from=100&size=3"
      And the client keeps the next link
      When payment "late" is created
      And the client asks for the link it kept
      Then the page shows "late"

  Rule: The older names still work

    Background:
      Given 7 payments

    Scenario Outline: The query <query>
      When the payments are listed with "<query>"
      Then the page shows payments <first> to <last>
      And the answer has:
        | path         | matcher  | value                    |
        | $.links.self | contains | "/v1/payments?<query>"   |

      Examples:
        | query         | first | last |
        | from=5        | 6     | 7    |
        | from=2&size=2 | 3     | 4    |

      @before-2027-01-15
      Examples:
        | query         | first | last |
        | from=2&to=5   | 3     | 5    |
        | to=2          | 1     | 2    |
        | from=0&to=100 | 1     | 7    |

    Scenario Outline: Nothing is behind the end: <query>
      When the payments are listed with "<query>"
      Then the page is empty
      And the answer has:
        | path         | matcher    | value |
        | $.links.next | is present |       |
        | $.links.prev | is present |       |

      Examples:
        | query                    |
        | from=7                   |
        | from=9223372036854775807 |

    Scenario: A client that skips payments can go back to them
      When the payments are listed with "from=5&size=2"
      Then the page shows payments 6 to 7
      When the prev page is asked for
      Then the page shows payments 4 to 5

  Rule: A query means the same however it is written

    Background:
      Given 7 payments

    Scenario Outline: The query <query>
      When the payments are listed with "<query>"
      Then the page shows payments 3 to 4

      Examples:
        | query             |
        | from=2&size=2     |
        | &size=2&&from=2&  |
        | %66rom=2&size=%32 |

      # What the service does not know was ignored.
      @before-2027-01-15
      Examples:
        | query                            |
        | from=2&size=2&=&=x&unknown&a=b=c |
        | from=2&a+b=+&siz%65=2            |
        | %66rom=2&x=%zz&t%6F=4            |

  Rule: A walk shows everything that was there throughout, once

    Scenario: To the end
      Given 25 payments
      When a client walks through all payments, 4 at a time
      Then every payment was shown once, in order of creation

    Scenario: And on, when there is more
      Given 5 payments
      When a client walks through all payments, 2 at a time
      Then every payment was shown once, in order of creation
      When payment "late" is created
      And payment "later" is created
      And the client walks on from where it was
      Then every payment was shown once, in order of creation

    Scenario: Deletions on the way leave no holes
      Given 6 payments
      And the payments were listed with "size=2"
      When payment "payment-1" is deleted at version 0
      And payment "payment-3" is deleted at version 0
      And the payments are listed with "from=0&size=1"
      Then the page shows "payment-2"
      When the next page is asked for
      Then the page shows "payment-4"
      When the payments are listed with "from=1&size=2"
      Then the page shows "payment-4, payment-5"

    Scenario: A cursor survives the deletion of its payment
      Given 4 payments
      And the payments were listed with "size=2"
      And the client keeps the next link
      And payment "payment-2" was deleted
      And payment "payment-3" was deleted
      When the client asks for the link it kept
      Then the page shows "payment-4"

    Scenario: With from=0 beside the cursor, which some generated clients send
      Given 5 payments
      And the payments were listed with "from=0&size=2"
      When the payments are listed with "from=0&after=AQAAAAAAAAAC&size=2"
      Then the page shows payments 3 to 4
      When the payments are listed with "from=0&before=AQAAAAAAAAAD&size=2"
      Then the page shows payments 1 to 2

  Rule: An invalid query is refused, and every fault is named

    Scenario Outline: The query <query>
      When the payments are listed with "<query>"
      Then the request is refused as invalid
      And the fault is at "/query/<fault>"

      Examples:
        | query                                    | fault  |
        | size=0                                   | size   |
        | size=-1                                  | size   |
        | size                                     | size   |
        | size=                                    | size   |
        | size=abc                                 | size   |
        | size=+1                                  | size   |
        | size=%2B1                                | size   |
        | size=%F0%9F%92%A9                        | size   |
        | size=1.0                                 | size   |
        | size=99999999999999999999                | size   |
        | size=1&size=2                            | size   |
        | from=-1                                  | from   |
        | from=1.5                                 | from   |
        | from=1=2                                 | from   |
        | after=garbage                            | after  |
        | after=                                   | after  |
        | before=AQAAAAAAAAA*                      | before |
        | after=AQAAAAAAAAAC&before=AQAAAAAAAAAC   | before |
        | after=AQAAAAAAAAAC&from=1                | from   |

      @before-2027-01-15
      Examples:
        | query                   | fault |
        | to=0                    | to    |
        | to=x                    | to    |
        | to=5&to=5               | to    |
        | from=5&to=5             | to    |
        | from=5&to=4             | to    |
        | to=5&size=5             | to    |
        | after=AQAAAAAAAAAC&to=5 | to    |

      @since-2027-01-15
      Examples:
        | query                   | fault   |
        | to=5                    | to      |
        | cursor=AQAAAAAAAAAC     | cursor  |
        | Size=5                  | Size    |
        | =                       |         |
        | a%2Fb%7E=1              | a~1b~0  |

    Scenario: Several at once
      When the payments are listed with "size=abc&from=1.5"
      Then the request is refused as invalid
      And the faults are at:
        | pointer     |
        | /query/size |
        | /query/from |
