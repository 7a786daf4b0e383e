@traffic
Feature: Traffic

  Every request has a name, no client takes more than its share, and a server that stops says so first.

  Rule: Every response names its request

    Scenario Outline: A name that the client chooses is kept: <path>
      Given the next request carries 'X-Request-Id: checkout/7#{x}'
      When "GET <path>" is requested
      Then the answer has:
        | path                | matcher | value          |
        | header X-Request-Id | is      | checkout/7#{x} |

      Examples:
        | path               |
        | /v1/payments       |
        | /v1/payments/flour |
        | /health            |
        | /nowhere           |
        | /openapi.yml       |

    Scenario: A problem repeats it
      Given the next request carries 'X-Request-Id: checkout-8'
      When payment "flour" is read
      Then the request is refused as an unknown payment
      And the answer has:
        | path         | matcher | value        |
        | $.request_id | is      | "checkout-8" |

    Scenario Outline: The service makes one where the client has none, or none that would do: <path>, <name>
      Given the next request carries 'X-Request-Id: <name>'
      When "GET <path>" is requested
      Then the answer has:
        | path                | matcher | value             |
        | header X-Request-Id | is a    | UUID of version 7 |

      Examples:
        | path         | name                                                              |
        | /v1/payments |                                                                   |
        | /v1/payments | two words                                                         |
        | /v1/payments | 55555555555555555555555555555555555555555555555555555555555555555 |
        | /health      |                                                                   |
        | /openapi.yml |                                                                   |

  Rule: No client takes more than its share, where the server sets a limit

    @started
    Scenario: Every answer says how much is left
      Given a service started with "--limit 2-H"
      When the payments are listed
      Then the answer has:
        | path                    | matcher     | value                 |
        | header RateLimit-Policy | is          | "client";q=2;w=3600   |
        | header RateLimit        | starts with | "client";r=1;t=       |
      When the payments are listed
      Then the answer has:
        | path             | matcher     | value           |
        | header RateLimit | starts with | "client";r=0;t= |
      When the payments are listed
      Then the request is refused as over the limit
      And the answer has:
        | path               | matcher     | value           |
        | header RateLimit   | starts with | "client";r=0;t= |
        | header Retry-After | matches     | ^1[78][0-9]{2}$ |

    @started
    Scenario: Whatever is done, the answer says it
      Given a service started with "--limit 1000-S"
      And a payment "flour"
      When payment "flour" is read
      Then the payment is returned
      And the answer has:
        | path             | matcher     | value           |
        | header RateLimit | starts with | "client";r=     |
      Given the next request carries 'If-None-Match: "0"'
      When payment "flour" is read
      Then the payment is not sent again
      And the answer has:
        | path             | matcher     | value           |
        | header RateLimit | starts with | "client";r=     |
      When payment "flour" is replaced at version 0
      Then the payment is changed
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "120.00"}}}
        """
      Then the payment is changed
      When payment "flour" is deleted at version 2
      Then the payment is deleted
      And the answer has:
        | path             | matcher     | value           |
        | header RateLimit | starts with | "client";r=     |

    @started
    Scenario: Whyever a request is refused, the answer says it
      Given a service started with "--limit 1000-S"
      And a payment "flour"
      When "GET /v1/payments?size=0" is requested
      Then the request is refused as invalid
      And the answer has:
        | path             | matcher     | value           |
        | header RateLimit | starts with | "client";r=     |
      When payment "sugar" is read
      Then the request is refused as an unknown payment
      When payment "flour" is created
      Then the request is refused as a taken id
      Given the next request carries 'Accept: text/html'
      When payment "flour" is read
      Then the request is refused as unacceptable
      Given the next request carries 'If-Match: "7"'
      When payment "flour" is read
      Then the status is 412
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "0"}}}
        """
      Then the request is refused as an inapplicable patch
      Given the next request carries 'Content-Type: text/plain'
      When "POST /v1/payments" is requested with the body:
        """
        flour
        """
      Then the request is refused as an unsupported media type
      Given the next request carries 'Content-Type: text/plain'
      When "PATCH /v1/payments/flour" is requested with the body:
        """
        flour
        """
      Then the request is refused as an unsupported media type
      When "POST /v1/payments" is requested with a body of 2000000 bytes
      Then the request is refused as too large

    @started
    Scenario: The answer says it to callers without a token, too
      Given a service that asks for tokens
      And a service started with "--limit 1000-S"
      When the payments are listed
      Then the request is refused as unauthenticated
      And the answer has:
        | path             | matcher     | value           |
        | header RateLimit | starts with | "client";r=     |
      When the caller is of "harbour-lane-bakery" and may "admin"
      And the payments are listed
      Then the request is refused as lacking a scope

    @started
    Scenario: Every request over the limit is refused
      Given a service started with "--limit 1-D"
      And a payment "flour"
      Then each of these is refused as over the limit:
        | request                             |
        | GET /v1/payments                    |
        | POST /v1/payments                   |
        | GET /v1/payments/flour              |
        | PUT /v1/payments/flour              |
        | PATCH /v1/payments/flour            |
        | DELETE /v1/payments/flour?version=0 |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events                   |
        | GET /v1/events/stream            |
      And there is 1 payment

    @started
    Scenario: What does not exist is not counted
      Given a service started with "--limit 1-D"
      When "GET /v1/nowhere" is requested
      Then the request is refused as an unknown path
      When "DELETE /v1/payments" is requested
      Then the request is refused as a wrong method
      When the payments are listed
      Then the request succeeds
      When "GET /v1/nowhere" is requested
      Then the request is refused as an unknown path

    @started
    Scenario: Monitoring and admin work when nothing else does
      Given a service started with "--limit 1-D"
      And a payment "flour"
      When "GET /health" is requested
      Then the request succeeds
      When "GET /ready" is requested
      Then the request succeeds
      When "GET /admin/repo" is requested
      Then the request succeeds

    @started
    Scenario: Clients behind a trusted proxy are told apart
      Given a service started with "--limit 1-D --trusted-proxies 127.0.0.0/8"
      And the next request carries 'X-Forwarded-For: 192.0.2.1'
      When the payments are listed
      Then the request succeeds
      Given the next request carries 'X-Forwarded-For: 192.0.2.1'
      When the payments are listed
      Then the request is refused as over the limit
      Given the next request carries 'X-Forwarded-For: 192.0.2.2'
      When the payments are listed
      Then the request succeeds

    @started
    Scenario Outline: However the proxy writes an address, it is one client: <header>
      Given a service started with "--limit 1-D --trusted-proxies 127.0.0.0/8"
      And the next request carries 'X-Forwarded-For: <address>'
      When the payments are listed
      Then the request succeeds
      Given the next request carries '<header>'
      When the payments are listed
      Then the request is refused as over the limit
      Given the next request carries 'X-Forwarded-For: 192.0.2.2:51008'
      When the payments are listed
      Then the request succeeds

      Examples:
        | address     | header                                         |
        | 192.0.2.1   | X-Forwarded-For: 192.0.2.1:51008               |
        | 192.0.2.1   | X-Forwarded-For: ::ffff:192.0.2.1              |
        | 192.0.2.1   | Forwarded: for=1.1.1.1, for=192.0.2.1          |
        | 2001:db8::1 | X-Forwarded-For: [2001:db8::1]:443             |
        | 2001:db8::1 | Forwarded: For="[2001:db8::1]:443";proto=https |

    @started
    Scenario: Clients that the proxy does not name share a limit, and not that of the proxy
      Given a service started with "--limit 1-D --trusted-proxies 127.0.0.0/8"
      And the next request carries 'Forwarded: for=_hidden'
      When the payments are listed
      Then the request succeeds
      Given the next request carries 'X-Forwarded-For: unknown'
      When the payments are listed
      Then the request is refused as over the limit
      When the payments are listed
      Then the request succeeds

    @started
    Scenario: A client does not take another name by a header that its proxy does not write
      Given a service started with "--limit 1-D --trusted-proxies 127.0.0.0/8"
      And the next request carries 'X-Forwarded-For: 192.0.2.1'
      And the next request carries 'Forwarded: for=192.0.2.7'
      When the payments are listed
      Then the request succeeds
      Given the next request carries 'X-Forwarded-For: 192.0.2.1'
      And the next request carries 'Forwarded: for=192.0.2.8'
      When the payments are listed
      Then the request is refused as over the limit

    @started
    Scenario: Only a trusted proxy may say who the client is
      Given a service started with "--limit 1-D"
      And the next request carries 'X-Forwarded-For: 192.0.2.1'
      When the payments are listed
      Then the request succeeds
      Given the next request carries 'X-Forwarded-For: 192.0.2.2'
      When the payments are listed
      Then the request is refused as over the limit

  Rule: A server that stops says so, and serves until it has

    @started
    Scenario: It is down for load balancers, and still answers requests
      Given a service started with "--drain 10"
      And a payment "flour"
      When the service is told to stop
      Then the service is down at "/ready" before long
      And the answer has:
        | path     | matcher     | value                   |
        | $.detail | starts with | "The server is stopping" |
      When "GET /alive" is requested
      Then the request succeeds
      And the answer has:
        | path              | matcher | value |
        | header Connection | is      | close |
      And payment "flour" is as it was
      When the service has stopped
      Then nobody answers any more

  Rule: What was acknowledged is kept

    @file @postgres @started
    Scenario: The service is started again
      Given 3 payments
      And payment "payment-1" was changed 2 times
      And payment "payment-2" was deleted
      When the service is started again
      Then payment "payment-1" is as it was
      And payment "payment-2" is gone
      And there are 2 payments
      When payment "payment-2" is created
      Then the request is refused as a taken id

    @file @postgres @started
    Scenario: Clients that walk through the payments go on
      Given 3 payments
      And the payments were listed with "size=2"
      And the client keeps the next link
      When the service is started again
      And the client asks for the link it kept
      Then the page shows "payment-3"
