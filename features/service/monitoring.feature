@monitoring
Feature: Monitoring

  Load balancers and orchestrators ask how the service is. The paths have no version, and need no rights.

  Rule: A service in order is up

    Scenario Outline: It says so at <path>
      When "GET <path>" is requested
      Then the request succeeds
      And the answer has:
        | path     | matcher | value |
        | $.status | is      | "up"  |

      Examples:
        | path    |
        | /health |
        | /ready  |
        | /alive  |

  Rule: Metrics are served, if the server is started with them

    Scenario: Prometheus reads the metrics
      Given a payment "flour"
      When "GET /metrics" is requested
      Then the request succeeds
      And the answer has:
        | path                | matcher     | value      |
        | header Content-Type | starts with | text/plain |

    @started
    Scenario: Metrics are off
      Given a service started without "--metrics"
      When "GET /metrics" is requested
      Then the request is refused as an unknown path

  Rule: While the store is away, the service says so, and does not fall

    @postgres @started
    Scenario: The database goes away, and comes back
      Given a service with a database server of its own
      And a service started with "--limit 1000-S"
      And a payment "flour"
      When the database goes away
      Then each of these is refused as unavailable:
        | request                   |
        | GET /v1/payments          |
        | POST /v1/payments         |
        | GET /v1/payments/flour    |
        | PUT /v1/payments/flour    |
        | PATCH /v1/payments/flour  |
        | DELETE /v1/payments/flour?version=0 |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events                   |
        | GET /v1/events/stream            |
        | GET /admin/repo           |
        | DELETE /admin/repo        |
      And the service is down at "/health" before long
      And the service is down at "/ready" before long
      And the answer has:
        | path     | matcher     | value                          |
        | $.detail | starts with | "The store cannot be reached"  |
      When "GET /alive" is requested
      Then the request succeeds
      When the database comes back
      Then the service is up at "/ready" before long
      And payment "flour" is as it was

  Rule: An error of the service is called its own fault, and reveals no internals

    @postgres @started
    Scenario: The table of payments is lost
      Given a service with a database server of its own
      And a service started with "--limit 1000-S"
      And a payment "flour"
      When the table of payments is lost
      Then each of these is refused as our fault:
        | request                   |
        | GET /v1/payments          |
        | POST /v1/payments         |
        | GET /v1/payments/flour    |
        | PUT /v1/payments/flour    |
        | PATCH /v1/payments/flour  |
        | DELETE /v1/payments/flour?version=0 |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events                   |
        | GET /v1/events/stream            |
        | GET /admin/repo           |
        | DELETE /admin/repo        |
      And no answer mentions "relation, select, sql, postgres, scenario_"
