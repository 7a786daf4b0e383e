@evolution @before-2027-01-15
Feature: Evolution

  What has to go is announced long before, to those who use it.

  Rule: A consumer that reads nothing but headers learns of it in one request

    Scenario Outline: <request> uses the deprecated parameter
      When "<request>" is requested
      Then the answer has:
        | path               | matcher  | value                                                               |
        | header Deprecation | is       | @1795824000                                                         |
        | header Sunset      | is       | Sun, 28 Nov 2027 00:00:00 GMT                                       |
        | header Link        | contains | /docs#/payments/listPayments>; rel="deprecation"; type="text/html" |

      Examples:
        | request                         |
        | GET /v1/payments?to=2           |
        | HEAD /v1/payments?to=2          |
        | GET /v1/payments?from=1&%74o=2  |
        | GET /v1/payments?to=0           |
        | GET /v1/payments?to=two         |
        | GET /v1/payments?size=1&to=2    |

    Scenario Outline: <request> does not
      Given a payment "flour"
      When "<request>" is requested
      Then the answer has:
        | path               | matcher   | value |
        | header Deprecation | is absent |       |
        | header Sunset      | is absent |       |
        | header Link        | is absent |       |

      Examples:
        | request                      |
        | GET /v1/payments             |
        | GET /v1/payments?size=2      |
        | GET /v1/payments?from=0&tow=2 |
        | GET /v1/payments?after=to    |
        | GET /v1/payments/flour?to=2  |
        | POST /v1/payments?to=2       |
        | GET /nowhere?to=2            |

  Rule: Whether it may be removed can be asked

    Scenario: Who has used it last, and in which request
      Given the next request carries 'User-Agent: nightly-report/2.1 (linux)'
      And the next request carries 'X-Request-Id: report-17'
      When "GET /v1/payments?to=2" is requested
      And "GET /admin/deprecations" is requested
      Then the request succeeds
      And the answer has:
        | path                                 | matcher     | value            |
        | $.data[0].element                    | is          | "listPayments.to" |
        | $.data[0].deprecated_on              | is          | "2026-11-28"     |
        | $.data[0].sunset_on                  | is          | "2027-11-28"     |
        | $.data[0].uses                       | is at least | 1                |
        | $.data[0].clients[0].client          | is          | "nightly-report" |
        | $.data[0].clients[0].last_request_id | is          | "report-17"      |
        | $.data[0].clients[0].last_used_on    | is a        | "UTC time"       |

    @started
    Scenario: Nobody has used it
      Given a service started with "--max-results 7"
      When "GET /admin/deprecations" is requested
      Then the answer has:
        | path              | matcher    | value             |
        | $.data[0].element | is         | "listPayments.to" |
        | $.data[0].uses    | is         | 0                 |
        | $.data[0].clients | has length | 0                 |

    @started
    Scenario: Without the flag nothing is told
      Given a service started without "--admin"
      When "GET /admin/deprecations" is requested
      Then the request is refused as an unknown path
