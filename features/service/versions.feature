# Each scenario asks for a version itself, or for none.
@versions @before-2027-01-15
Feature: Versions of the contract

  A client names the version that it was written for, and is served as on that day. One that names none gets the oldest.

  Rule: A header chooses the version, or a media type

    Scenario Outline: The oldest version has `to`: <header>: <value>
      Given the next request carries '<header>: <value>'
      When "GET /v1/payments?to=1" is requested
      Then the request succeeds
      And the answer has:
        | path                   | matcher | value                  |
        | header Content-Version | is      | 2026-11-28             |
        | header Vary            | is      | accept, accept-version |

      Examples:
        | header         | value                                              |
        | User-Agent     | says nothing                                       |
        | Accept         | application/json                                   |
        | Accept-Version | 2026-11-28                                         |
        | Accept         | application/json;version=2026-11-28                |
        | Accept         | application/json; q=0.5; VERSION="2026-11-28", */* |

    Scenario Outline: The next one has not: <header>: <value>
      Given the next request carries '<header>: <value>'
      When "GET /v1/payments?to=1" is requested
      Then the request is refused as invalid
      And the fault is at "/query/to"
      And the answer has:
        | path                   | matcher   | value                  |
        | header Content-Version | is        | 2027-01-15             |
        | header Vary            | is        | accept, accept-version |
        | header Deprecation     | is absent |                        |

      Examples:
        | header         | value                                                           |
        | Accept-Version | 2027-01-15                                                      |
        | accept-version | 2027-01-15, 2027-01-15                                          |
        | Accept         | application/json;version=2027-01-15                             |
        | Accept         | application/json;version=2027-01-15, application/*;version=2027-01-15 |

    Scenario Outline: The media type of a body chooses it too: <content type>
      Given the next request carries 'Content-Type: <content type>'
      When "POST /v1/payments?colour=red" is requested with the body:
        """
        {"data": {"type": "Payment", "organisation_id": "mill", "attributes": {"amount": "1.00"}}}
        """
      Then the status is <status>
      And the answer has:
        | path                   | matcher | value     |
        | header Content-Version | is      | <version> |

      Examples:
        | content type                                       | status | version    |
        | application/json                                   | 201    | 2026-11-28 |
        | application/json; version=2026-11-28               | 201    | 2026-11-28 |
        | application/json; charset=utf-8; version=2027-01-15 | 400   | 2027-01-15 |

    Scenario: Of a request that has no body it does not
      Given the next request carries 'Content-Type: application/json; version=2027-01-15'
      When "GET /v1/payments?to=1" is requested
      Then the request succeeds

  Rule: A version that is not served is refused, and nothing is done

    Scenario Outline: <header>: <value>
      Given the next request carries '<header>: <value>'
      When "GET /v1/payments/flour" is requested
      Then the request is refused as invalid
      And the fault is at "/header/<header>"
      And the answer has:
        | path                   | matcher  | value                                          |
        | $.errors[0].detail     | contains | "no version of this contract; there are 2026-11-28, 2027-01-15" |
        | header Content-Version | is       | 2026-11-28                                     |

      Examples:
        | header         | value                               |
        | Accept-Version | 2026-11-27                          |
        | Accept-Version | 2027-1-15                           |
        | Accept-Version | latest                              |
        | Accept-Version |                                     |
        | Accept-Version | 2027-01-15,                         |
        | Accept         | application/json;version=1          |
        | Accept         | application/json;version=           |

    Scenario Outline: Two that differ: <header>: <value>
      Given the next request carries 'Accept-Version: 2026-11-28'
      And the next request carries '<header>: <value>'
      When "POST /v1/payments" is requested with the body:
        """
        {"data": {"type": "Payment", "organisation_id": "mill", "attributes": {"amount": "1.00"}}}
        """
      Then the request is refused as invalid
      And the fault is at "/header/<header>"
      And the answer has:
        | path                   | matcher  | value                                              |
        | $.errors[0].detail     | contains | "names another version than Accept-Version does"   |
        | header Content-Version | is       | 2026-11-28                                         |
      When the payments are listed
      Then the page is empty

      Examples:
        | header       | value                                |
        | Accept       | application/json; version=2027-01-15 |
        | Content-Type | application/json; version=2027-01-15 |

    Scenario Outline: <request> names no version that there is, and is refused for what comes first
      Given the next request carries 'Accept-Version: 1999-12-31'
      And the next request carries 'Accept: text/html'
      When "<request>" is requested
      Then the status is <status>

      Examples:
        | request          | status |
        | GET /v1/nowhere  | 404    |
        | PUT /v1/payments | 405    |
        | GET /v1/payments | 400    |

  Rule: Every response at a versioned path says which version it is of

    Scenario Outline: <request>: <status>
      Given a payment "flour"
      And the next request carries 'Accept-Version: 2027-01-15'
      When "<request>" is requested
      Then the status is <status>
      And the answer has:
        | path                   | matcher  | value                  |
        | header Content-Version | is       | 2027-01-15             |
        | header Vary            | is       | accept, accept-version |

      Examples:
        | request                             | status |
        | GET /v1/payments/flour              | 200    |
        | HEAD /v1/payments/flour             | 200    |
        | GET /v1/payments                    | 200    |
        | DELETE /v1/payments/flour?version=0 | 204    |
        | DELETE /v1/payments/flour?version=1 | 409    |
        | DELETE /v1/payments/flour           | 400    |
        | GET /v1/payments/salt               | 404    |
        | GET /v1/nowhere                     | 404    |
        | PUT /v1/payments                    | 405    |
        | POST /v1/payments                   | 415    |

    Scenario: A payment that is not sent again
      Given a payment "flour"
      And the next request carries 'Accept-Version: 2027-01-15'
      And the next request carries 'If-None-Match: "0"'
      When "GET /v1/payments/flour" is requested
      Then the status is 304
      And the answer has:
        | path                   | matcher | value                  |
        | header Content-Version | is      | 2027-01-15             |
        | header Vary            | is      | accept, accept-version |

    @started
    Scenario: A client that asks too often
      Given a service started with "--limit 1-H"
      And the next request carries 'Accept-Version: 2027-01-15'
      When "GET /v1/payments" is requested
      And the next request carries 'Accept-Version: 1999-12-31'
      And "GET /v1/payments" is requested
      Then the status is 429
      And the answer has:
        | path                   | matcher | value      |
        | header Content-Version | is      | 2026-11-28 |

    Scenario Outline: <request> is no versioned path
      Given the next request carries 'Accept-Version: 1999-12-31'
      When "<request>" is requested
      Then the status is <status>
      And the answer has:
        | path                   | matcher   | value    |
        | header Content-Version | is absent |          |

      Examples:
        | request         | status |
        | GET /health     | 200    |
        | GET /admin/repo | 200    |
        | GET /nowhere    | 404    |
