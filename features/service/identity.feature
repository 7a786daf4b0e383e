@identity @started
Feature: Who asks, and what they may do

  A service may ask for tokens. A token says which organisation its caller is of, and what the caller may do. Whatever else the
  service holds, a caller learns nothing of it.

  Rule: A token is asked for where the contract says so

    Scenario: Without a token nothing is done
      Given a service that asks for tokens
      Then each of these is refused as unauthenticated:
        | request                        |
        | GET /v1/payments               |
        | POST /v1/payments              |
        | GET /v1/payments/flour         |
        | PUT /v1/payments/flour         |
        | PATCH /v1/payments/flour       |
        | DELETE /v1/payments/flour      |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events                 |
        | GET /v1/events/stream          |
        | GET /admin/repo                |
        | DELETE /admin/repo             |
        | GET /admin/deprecations        |

    Scenario Outline: A token with other scopes is not enough: <scopes>
      Given a service that asks for tokens
      And the caller is of "harbour-lane-bakery" and may "<scopes>"
      Then each of these is refused as lacking a scope:
        | request    |
        | <request>  |
        | <request2> |
        | <request3> |
        | <request4> |

      Examples:
        | scopes         | request                  | request2                 | request3                  | request4                 |
        | payments:read  | POST /v1/payments        | PUT /v1/payments/flour   | DELETE /v1/payments/flour | PATCH /v1/payments/flour |
        | payments:write | GET /v1/payments         | GET /v1/payments/flour   | GET /admin/repo           | DELETE /admin/repo       |
        | payments:write | GET /v1/payments/flour/history | GET /v1/payments/flour/history/0 | GET /v1/events | GET /v1/events/stream |
        | payments:admin | GET /admin/deprecations  | GET /v1/payments/flour   | GET /admin/repo           | DELETE /admin/repo       |
        | Admin          | GET /admin/deprecations  | GET /v1/payments/flour   | GET /admin/repo           | DELETE /admin/repo       |

    Scenario: Monitoring and the contract are open
      Given a service that asks for tokens
      When "GET /health" is requested
      Then the request succeeds
      When "GET /ready" is requested
      Then the request succeeds
      When "GET /alive" is requested
      Then the request succeeds
      When "GET /metrics" is requested
      Then the request succeeds

    Scenario: What a request wants is not looked at before its token
      Given a service that asks for tokens
      When "POST /v1/payments?colour=red" is requested with the body:
        """
        no JSON
        """
      Then the request is refused as unauthenticated
      When "GET /v1/nothing" is requested
      Then the request is refused as an unknown path
      When "PUT /v1/payments" is requested
      Then the request is refused as a wrong method

    Scenario: A challenge leads to the issuer
      Given a service that asks for tokens
      When "GET /v1/payments" is requested
      Then the request is refused as unauthenticated
      And the answer has:
        | path                    | matcher  | value                                                                                  |
        | header WWW-Authenticate | is       | Bearer resource_metadata="https://payments.example/api/.well-known/oauth-protected-resource" |
      When the caller is of "harbour-lane-bakery" and may "payments:read"
      And "DELETE /v1/payments/flour?version=0" is requested
      Then the request is refused as lacking a scope
      And the answer has:
        | path                    | matcher  | value                                                |
        | header WWW-Authenticate | contains | , error="insufficient_scope", scope="payments:write" |
        | $.detail                | contains | "payments:write"                                     |
      When "GET /.well-known/oauth-protected-resource" is requested
      Then the request succeeds
      And the answer has:
        | path                       | matcher | value                                        |
        | $.authorization_servers[0] | is      | "https://issuer.test"                        |
        | $.scopes_supported         | is      | ["admin", "payments:read", "payments:write"] |

    Scenario Outline: What is no valid token is refused: <authorization>
      Given a service that asks for tokens
      And the next request carries 'Authorization: <authorization>'
      When "GET /v1/payments" is requested
      Then the request is refused as unauthenticated

      Examples:
        | authorization               |
        | Basic dXNlcjpwYXNzd29yZA==  |
        | Bearer                      |
        | Bearer x                    |
        | Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0. |
        | token x                     |

    Scenario Outline: A token that is not for this service, or no longer: <claims>
      Given a service that asks for tokens
      And the caller has a token with the claims:
        """
        <claims>
        """
      When "GET /v1/payments" is requested
      Then the request is refused as unauthenticated
      And the answer has:
        | path                    | matcher  | value                   |
        | header WWW-Authenticate | contains | , error="invalid_token" |
        | $.detail                | contains | "<detail>"              |

      Examples:
        | claims                                                                             | detail               |
        | {"organisation_id": "x", "scope": "payments:read", "exp": 1}                       | has expired          |
        | {"organisation_id": "x", "scope": "payments:read", "exp": "9999999999"}            | expiry (exp)         |
        | {"organisation_id": "x", "scope": "payments:read", "nbf": 9999999999}              | not valid yet        |
        | {"organisation_id": "x", "scope": "payments:read", "iss": "https://issuer.test/"}  | another issuer       |
        | {"organisation_id": "x", "scope": "payments:read", "aud": "https://other.example"} | another service      |
        | {"organisation_id": "x", "scope": "payments:read", "aud": null}                    | audience (aud)       |
        | {"scope": "payments:read"}                                                         | no organisation      |
        | {"organisation_id": " ", "scope": "payments:read"}                                 | no organisation      |

    Scenario: A token that is there twice is refused
      Given a service that asks for tokens
      And the next request carries 'Authorization: Bearer x'
      And the next request carries 'Authorization: Bearer x'
      When "GET /v1/payments" is requested
      Then the request is refused as unauthenticated

    Scenario: A token in an address is none
      Given a service that asks for tokens
      When "GET /v1/payments?access_token=x" is requested
      Then the request is refused as unauthenticated

    Scenario: While the issuer is away nothing can be judged, and the service is not ready
      Given a service started with "--auth-issuer http://127.0.0.1:9"
      And the caller is of "harbour-lane-bakery" and may "payments:read payments:write admin"
      Then each of these is refused as unavailable:
        | request                        |
        | GET /v1/payments               |
        | POST /v1/payments              |
        | GET /v1/payments/flour         |
        | PUT /v1/payments/flour         |
        | PATCH /v1/payments/flour       |
        | DELETE /v1/payments/flour      |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events                 |
        | GET /v1/events/stream          |
        | GET /admin/repo                |
        | DELETE /admin/repo             |
        | GET /admin/deprecations        |
      And the service is down at "/ready" before long
      When "GET /health" is requested
      Then the request succeeds
      When the caller has no token
      And "GET /v1/payments" is requested
      Then the request is refused as unauthenticated

  Rule: A caller sees the payments of its own organisation, and no others

    Background:
      Given a service that asks for tokens
      And the caller is of "harbour-lane-bakery" and may "payments:read payments:write"
      And a payment "flour"
      And payment "flour" was changed 1 time

    Scenario: Somebody else's payment is one that never was
      When the caller is of "tidewater-kites" and may "payments:read payments:write"
      Then each of these is refused as an unknown payment:
        | request                             |
        | GET /v1/payments/flour              |
        | PATCH /v1/payments/flour            |
        | DELETE /v1/payments/flour?version=1 |
        | DELETE /v1/payments/flour?version=9 |
        | GET /v1/payments/never              |
        | GET /v1/payments/flour/history      |
        | GET /v1/payments/flour/history/0    |
        | GET /v1/payments/flour/history/7    |
        | GET /v1/payments/never/history/0    |
      When "GET /v1/payments" is requested
      Then the request succeeds
      And the answer has:
        | path       | matcher   | value |
        | $.data     | is        | []    |
        | $.links.prev | is absent |     |
      When the caller is of "harbour-lane-bakery" and may "payments:read"
      Then payment "flour" is as it was

    Scenario: Events are told to those whose payments they are about
      When the events are listed
      Then these events are told:
        | event           | payment | version |
        | payment.created | flour   | 0       |
        | payment.updated | flour   | 1       |
      Given the client keeps the next link
      When the caller is of "tidewater-kites" and may "payments:read payments:write"
      And the events are listed
      Then no events are told
      When the link that the client kept is tried
      Then the request is refused as invalid
      And the fault is at "/query/after"
      And the answer has:
        | path     | matcher  | value                              |
        | $.detail | contains | "is a cursor of another tenant"    |
      When a client follows the events
      And the caller is of "harbour-lane-bakery" and may "payments:read payments:write"
      And payment "salt" is created
      And the caller is of "tidewater-kites" and may "payments:read payments:write"
      And "POST /v1/payments" is requested with the body:
        """
        {"data": {"id": "kite", "type": "Payment", "organisation_id": "tidewater-kites", "attributes": {"amount": "7.00"}}}
        """
      Then the stream tells:
        | event           | payment | version |
        | payment.created | kite    | 0       |

    Scenario: A version says who made it
      When the history of payment "flour" is listed
      Then the answer has:
        | path             | matcher | value                                      |
        | $.data[0].author | is      | {"subject": "user", "client_id": "till"}   |

    Scenario: An id is taken in one organisation, and free in another
      When the caller is of "tidewater-kites" and may "payments:read payments:write"
      And "POST /v1/payments" is requested with the body:
        """
        {"data": {"id": "flour", "type": "Payment", "organisation_id": "tidewater-kites", "attributes": {"amount": "7.00"}}}
        """
      Then the payment is created
      When "DELETE /v1/payments/flour?version=0" is requested
      Then the payment is deleted
      When "POST /v1/payments" is requested with the body:
        """
        {"data": {"id": "flour", "type": "Payment", "organisation_id": "tidewater-kites", "attributes": {"amount": "7.00"}}}
        """
      Then the request is refused as a taken id
      When the caller is of "harbour-lane-bakery" and may "payments:read"
      Then payment "flour" is at version 1

    Scenario: A payment names the organisation of its caller
      When the caller is of "tidewater-kites" and may "payments:read payments:write"
      And payment "sugar" is created
      Then the request is refused as invalid
      And the fault is at "/data/organisation_id"
      When the caller is of "harbour-lane-bakery" and may "payments:read payments:write"
      And "PATCH /v1/payments/flour" is requested with the body:
        """
        {"data": {"organisation_id": "tidewater-kites"}}
        """
      Then the request is refused as an unsupported media type
      When the next request carries 'Content-Type: application/merge-patch+json'
      And "PATCH /v1/payments/flour" is requested with the body:
        """
        {"data": {"organisation_id": "tidewater-kites"}}
        """
      Then the request is refused as an inapplicable patch
      And the fault is at "/data/organisation_id"
      And payment "flour" is as it was

    Scenario: An operator counts what all have, and sees none of it
      When the caller has a token with the claims:
        """
        {"scope": "admin"}
        """
      And "GET /admin/repo" is requested
      Then the request succeeds
      And the answer has:
        | path            | matcher | value |
        | $.data.payments | is      | 1     |
      When "GET /v1/payments/flour" is requested
      Then the request is refused as unauthenticated
