@conditional
Feature: Preconditions

  Every operation evaluates `If-Match`, then `If-None-Match` (RFC 9110, section 13.2.2). If one does not hold, nothing is done.
  What each operation does with an `If-Match` of its own stands with that operation.

  Rule: A change is made only if no tag in If-None-Match is current

    Background:
      Given a payment "flour"
      And payment "flour" was changed 1 time

    Scenario Outline: A replacement, if it is not <tags>
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is replaced at version <version>
      Then the request is refused as <refusal>
      And payment "flour" is as it was

      Examples:
        | tags     | version | refusal               |
        | *        | 1       | a failed precondition |
        | *        | 0       | a failed precondition |
        | "1"      | 1       | a failed precondition |
        | W/"1"    | 1       | a failed precondition |
        | "0", "1" | 1       | a failed precondition |
        | "1"      | 0       | a failed precondition |
        | "0"      | 0       | a version conflict    |

    Scenario Outline: A patch, if it is not <tags>
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as a failed precondition
      And the answer has:
        | path     | matcher | value                                                                         |
        | $.detail | is      | "The payment is at version 1, which If-None-Match rules out. Nothing was done." |
      And payment "flour" is as it was

      Examples:
        | tags     |
        | *        |
        | "1"      |
        | W/"1"    |
        | "0","1"  |

    Scenario Outline: A deletion, if it is not <tags>
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is deleted at version 1
      Then the request is refused as a failed precondition
      And payment "flour" is as it was

      Examples:
        | tags  |
        | *     |
        | "1"   |
        | W/"1" |

    Scenario: A deletion of whatever is current
      Given the next request carries 'If-Match: *'
      And the next request carries 'If-None-Match: "1"'
      When payment "flour" is deleted
      Then the request is refused as a failed precondition
      And payment "flour" is as it was

    Scenario Outline: It is not <tags>
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is replaced at version 1
      Then the payment is changed
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the payment is changed
      Given the next request carries 'If-None-Match: <tags>'
      When payment "flour" is deleted at version 3
      Then the payment is deleted

      Examples:
        | tags          |
        | "0"           |
        | "01", W/"0"   |

    Scenario Outline: What cannot be read is refused: <tags> of <request>
      Given the next request carries 'If-None-Match: <tags>'
      When "<request>" is requested with the body:
        """
        {"data": {"type": "Payment", "version": 1, "organisation_id": "x", "attributes": {"amount": "7"}}}
        """
      Then the request is refused as invalid
      And the fault is at "/header/If-None-Match"
      And payment "flour" is as it was

      Examples:
        | request                              | tags     |
        | PUT /v1/payments/flour               | 1        |
        | PUT /v1/payments/flour               |          |
        | DELETE /v1/payments/flour?version=1  | "0" "2"  |
        | POST /v1/payments                    | w/"1"    |
        | DELETE /admin/repo                   | *, "1"   |

    Scenario: Two headers that cannot be read are named both
      Given the next request carries 'If-Match: 1'
      And the next request carries 'If-None-Match: 0'
      When payment "flour" is replaced at version 1
      Then the request is refused as invalid
      And the faults are at:
        | pointer               |
        | /header/If-Match      |
        | /header/If-None-Match |

  Rule: If-Match comes before If-None-Match

    Background:
      Given a payment "flour"
      And payment "flour" was changed 1 time

    Scenario Outline: <request>, if it matches <tags> and not <others>
      Given the next request carries 'If-Match: <tags>'
      And the next request carries 'If-None-Match: <others>'
      When "<request>" is requested
      Then the request is refused as a failed precondition
      And the answer has:
        | path     | matcher  | value    |
        | $.detail | contains | "<word>" |
      And payment "flour" is as it was

      Examples:
        | request                             | tags | others | word          |
        | DELETE /v1/payments/flour           | "0"  | "1"    | If-Match      |
        | DELETE /v1/payments/flour           | "1"  | "1"    | If-None-Match |
        | DELETE /v1/payments/flour?version=1 | "1"  | *      | If-None-Match |
        | GET /v1/payments/flour              | "0"  | "1"    | If-Match      |
        | GET /v1/payments/flour              | "0"  | *      | If-Match      |

    Scenario: Both hold
      Given the next request carries 'If-Match: "1"'
      And the next request carries 'If-None-Match: "0"'
      When payment "flour" is replaced at version 1
      Then the payment is changed

    Scenario: A read whose If-Match holds is still not sent again
      Given the next request carries 'If-Match: "1"'
      And the next request carries 'If-None-Match: "1"'
      When payment "flour" is read
      Then the payment is not sent again

  Rule: A read evaluates If-Match too

    Background:
      Given a payment "flour"

    Scenario Outline: If-Match <tags>: it is returned
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is read
      Then the payment is returned

      Examples:
        | tags     |
        | "0"      |
        | "7", "0" |
        | *        |

    Scenario Outline: If-Match <tags>: it is refused
      Given the next request carries 'If-Match: <tags>'
      When payment "flour" is read
      Then the request is refused as a failed precondition

      Examples:
        | tags  |
        | "7"   |
        | W/"0" |

    Scenario: The headers alone are refused
      Given the next request carries 'If-Match: "7"'
      When "HEAD /v1/payments/flour" is requested
      Then the request is refused as a failed precondition, without a body

    Scenario Outline: The headers alone, <header>: the payment is <outcome>
      Given the next request carries '<header>'
      When "HEAD /v1/payments/flour" is requested
      Then the payment is <outcome>
      And the answer is empty

      Examples:
        | header             | outcome        |
        | If-Match: "0"      | returned       |
        | If-None-Match: "7" | returned       |
        | If-None-Match: "0" | not sent again |
        | If-None-Match: *   | not sent again |

    Scenario Outline: <header> cannot be read
      Given the next request carries '<header>'
      When payment "flour" is read
      Then the request is refused as invalid
      And the fault is at "<pointer>"

      Examples:
        | header           | pointer               |
        | If-Match: 7      | /header/If-Match      |
        | If-Match:        | /header/If-Match      |
        | If-None-Match: é | /header/If-None-Match |

    Scenario: A payment that is not there is not found, whatever the precondition
      Given the next request carries 'If-Match: "7"'
      When payment "salt" is read
      Then the request is refused as an unknown payment

  Rule: A weak tag in If-Match never matches, and the answer says so

    Scenario Outline: <request>
      Given a payment "flour"
      And the next request carries 'If-Match: W/"0"'
      When "<request>" is requested
      Then the request is refused as a failed precondition
      And the answer has:
        | path     | matcher  | value                           |
        | $.detail | contains | "a weak tag never matches"      |
        | $.detail | contains | "A proxy may have weakened it"  |
        | $.detail | contains | "without W/"                    |

      Examples:
        | request                   |
        | DELETE /v1/payments/flour |
        | GET /v1/payments/flour    |

  Rule: What has no ETag satisfies If-Match: * only, and any If-None-Match but *

    Scenario Outline: A creation with <header> is refused
      Given the next request carries '<header>'
      When payment "flour" is created
      Then the request is refused as a failed precondition
      And nothing was stored

      Examples:
        | header             |
        | If-Match: "7"      |
        | If-Match: "0", "1" |
        | If-None-Match: *   |

    Scenario Outline: A creation with <header> is done
      Given the next request carries '<header>'
      When payment "flour" is created
      Then the payment is created

      Examples:
        | header             |
        | If-Match: *        |
        | If-None-Match: "0" |

    Scenario: A list has no tag that matches
      Given the next request carries 'If-Match: "7"'
      When the payments are listed
      Then the request is refused as a failed precondition

    Scenario Outline: Neither has <request>
      Given a payment "flour"
      And the next request carries 'If-Match: "0"'
      When "<request>" is requested
      Then the request is refused as a failed precondition
      Given the next request carries 'If-Match: 0'
      When "<request>" is requested
      Then the request is refused as invalid
      And the fault is at "/header/If-Match"

      Examples:
        | request                          |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events                   |
        | GET /v1/events/stream            |

    Scenario Outline: A list with <header> is sent
      Given the next request carries '<header>'
      When the payments are listed
      Then the request succeeds

      Examples:
        | header             |
        | If-Match: *        |
        | If-None-Match: *   |
        | If-None-Match: "0" |

    Scenario: A list whose If-Match cannot be read
      Given the next request carries 'If-Match: 7'
      When the payments are listed
      Then the request is refused as invalid
      And the fault is at "/header/If-Match"

    Scenario Outline: The store with <header> is not emptied
      Given a payment "flour"
      And the next request carries '<header>'
      When "DELETE /admin/repo" is requested
      Then the request is refused as a failed precondition
      And there is 1 payment

      Examples:
        | header           |
        | If-Match: "7"    |
        | If-None-Match: * |

  Rule: Dates are no preconditions, because nothing has a Last-Modified

    Scenario Outline: <header> is ignored
      Given a payment "flour"
      And the next request carries '<header>'
      When payment "flour" is read
      Then the payment is returned
      And the answer has:
        | path                 | matcher   | value |
        | header Last-Modified | is absent |       |
      Given the next request carries '<header>'
      When payment "flour" is replaced at version 0
      Then the payment is changed

      Examples:
        | header                                             |
        | If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT   |
        | If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT |
