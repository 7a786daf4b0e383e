@errors
Feature: Errors

  Every error is a problem document (RFC 9457), whichever part of the service refuses: what kind it is, what happened, and
  what to change.

  Rule: An unknown path is not found

    Scenario Outline: There is nothing at <path>
      When "GET <path>" is requested
      Then the request is refused as an unknown path

      Examples:
        | path             |
        | /index.html      |
        | /v1              |
        | /v1/             |
        | /v1/payments/    |
        | /v1/payments/a/b |
        | /v2/payments     |
        | /V1/payments     |
        | /v1/payment      |
        | /nowhere?x=1     |
        | /health/         |
        | //v1/payments    |
        | /v1/../nowhere   |

    Scenario Outline: The instance of <path> is a URI reference to it
      When "GET <path>" is requested
      Then the answer has:
        | path       | matcher | value                     |
        | $.type     | is      | "/problems/path-not-found" |
        | $.instance | is      | "<instance>"              |

      Examples:
        | path          | instance         |
        | /%zz          | /%25zz           |
        | /%            | /%25             |
        | /a%2fb%       | /a%2fb%25        |
        | //v1/payments | /.//v1/payments  |
        | ///           | /.///            |

  Rule: A query parameter that the operation does not know is refused

    @since-2027-01-15
    Scenario: A misspelt parameter does not pass for silence
      Given a payment "flour"
      When "GET /v1/payments/flour?colour=red" is requested
      Then the request is refused as invalid
      And the fault is at "/query/colour"
      When "DELETE /v1/payments/flour?version=0&colour=red" is requested
      Then the request is refused as invalid
      And the fault is at "/query/colour"
      When "PUT /v1/payments/flour?colour=red" is requested with the body:
        """
        {"data": {"type": "Payment", "version": 0, "organisation_id": "harbour-lane-bakery", "attributes": {"amount": "7"}}}
        """
      Then the request is refused as invalid
      And the fault is at "/query/colour"
      When the next request carries 'Content-Type: application/merge-patch+json'
      And "PATCH /v1/payments/flour?colour=red" is requested with the body:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the request is refused as invalid
      And the fault is at "/query/colour"
      And payment "flour" is as it was

  Rule: A path that has other methods names them

    Scenario Outline: There is no <method> <path>
      When "<method> <path>" is requested
      Then the request is refused as a wrong method
      And the methods there are "<methods>"

      Examples:
        | method  | path               | methods                       |
        | DELETE  | /v1/payments       | GET, HEAD, POST               |
        | PUT     | /v1/payments       | GET, HEAD, POST               |
        | BREW    | /v1/payments       | GET, HEAD, POST               |
        | POST    | /v1/payments/flour | DELETE, GET, HEAD, PATCH, PUT |
        | POST    | /health            | GET, HEAD                     |
        | DELETE  | /ready             | GET, HEAD                     |
        | PUT     | /alive             | GET, HEAD                     |
        | POST    | /admin/repo        | DELETE, GET, HEAD             |
        | PUT     | /openapi.yml       | GET, HEAD                     |

  Rule: A request whose answer the client does not accept has no effect

    Scenario Outline: Accept: <accept>
      Given the next request carries 'Accept: <accept>'
      When payment "flour" is created
      Then the request is refused as unacceptable
      And nothing was stored

      Examples:
        | accept                              |
        | text/html                           |
        | text/*                              |
        | application/problem+json            |
        | application/json;q=0                |
        | */*;q=0.000                         |
        | */*, application/json;q=0           |
        | */*, application/*;q=0, text/html   |

    Scenario Outline: <request> has nothing that would do
      Given the next request carries 'Accept: application/xml'
      When "<request>" is requested
      Then the request is refused as unacceptable

      Examples:
        | request                  |
        | GET /v1/payments         |
        | POST /v1/payments        |
        | GET /v1/payments/flour   |
        | PUT /v1/payments/flour   |
        | PATCH /v1/payments/flour |
        | GET /v1/payments/flour/history   |
        | GET /v1/payments/flour/history/0 |
        | GET /v1/events           |
        | GET /v1/events/stream    |
        | GET /admin/repo          |
        | GET /admin/deprecations  |

    Scenario Outline: JSON will do for Accept: <accept>
      Given the next request carries 'Accept: <accept>'
      When payment "flour" is created
      Then the payment is created

      Examples:
        | accept                                             |
        |                                                    |
        | */*                                                |
        | application/*                                      |
        | Application/JSON                                   |
        | application/json;charset=utf-8;q=0.1               |
        | text/html, application/xml;q=0.9, */*;q=0.8        |
        | */*;q=0, application/json                          |
        | nonsense                                           |

    Scenario: A payment is deleted whatever is accepted: there is nothing to be sent
      Given a payment "flour"
      And the next request carries 'Accept: text/html'
      When payment "flour" is deleted at version 0
      Then the payment is deleted

    Scenario Outline: No probe fails over a header: <path>
      Given the next request carries 'Accept: text/html'
      When "GET <path>" is requested
      Then the request succeeds

      Examples:
        | path    |
        | /health |
        | /ready  |
        | /alive  |

  Rule: A body is JSON, and says so

    Scenario Outline: The media type <media type>
      Given the next request carries 'Content-Type: <media type>'
      When payment "flour" is created
      Then the request is refused as an unsupported media type
      And the answer has:
        | path          | matcher | value            |
        | header Accept | is      | application/json |
      And nothing was stored

      Examples:
        | media type                        |
        | text/plain                        |
        | application/x-www-form-urlencoded |
        | application/vnd.api+json          |
        | application/jsonx                 |
        | json                              |
        | é                                 |
        | ;                                 |
        |                                   |

    Scenario: No media type
      When "POST /v1/payments" is requested
      Then the request is refused as an unsupported media type

    Scenario Outline: Two media types, <one> and <other>
      Given the next request carries 'Content-Type: <one>'
      And the next request carries 'Content-Type: <other>'
      When payment "flour" is created
      Then the request is refused as an unsupported media type
      And the answer has:
        | path     | matcher | value                                                                     |
        | $.detail | is      | "The header Content-Type is there 2 times; send it once: application/json." |
      And nothing was stored

      Examples:
        | one              | other            |
        | application/json | application/json |
        | application/json | text/plain       |
        | text/plain       | application/json |

    Scenario: A replacement in another media type
      Given a payment "flour"
      And the next request carries 'Content-Type: text/plain'
      When payment "flour" is replaced at version 0
      Then the request is refused as an unsupported media type
      And payment "flour" is as it was

    Scenario: Parameters of the media type, and its case, do not matter
      Given the next request carries 'Content-Type: Application/JSON; charset=utf-8'
      When payment "flour" is created
      Then the payment is created

    Scenario: An encoded body
      Given the next request carries 'Content-Encoding: gzip'
      When payment "flour" is created
      Then the request is refused as an unsupported media type
      And the answer has:
        | path                   | matcher | value            |
        | header Accept          | is      | application/json |
        | header Accept-Encoding | is      | identity         |

    Scenario Outline: The body <body>
      When "POST /v1/payments" is requested with the body:
        """
        <body>
        """
      Then the request is refused as invalid
      And the fault is at ""
      And nothing was stored

      Examples:
        | body                      |
        | nope                      |
        | {"data":                  |
        | {"data":}                 |
        | {'data':1}                |
        | {"data":{}}{}             |
        | {"data":1}{}              |
        | {"data":{},}              |
        | []                        |
        | "x"                       |
        | 7                         |
        | null                      |

    Scenario: No body
      Given the next request carries 'Content-Type: application/json'
      When "POST /v1/payments" is requested
      Then the request is refused as invalid
      And the fault is at ""

    Scenario Outline: The bytes <bytes>
      When "POST /v1/payments" is requested with the bytes '<bytes>'
      Then the request is refused as invalid
      And the fault is at ""

      Examples:
        | bytes                  |
        | {"data":"\\xff"}       |
        | {"\\xc3(":1}           |
        | \\xff\\xfe             |
        | \\xef\\xbb\\xbf{}      |

    Scenario: A body that nests without end
      When "POST /v1/payments" is requested with a body that nests 10000 deep
      Then the request is refused as invalid

  Rule: A body has an end, and a largest size

    Scenario: A payment of more than a mebibyte
      When a payment of 1048577 bytes is created
      Then the request is refused as too large
      And nothing was stored

    Scenario: A payment of a mebibyte
      When a payment of 1048576 bytes is created
      Then the payment is created

    Scenario Outline: A <method> of more than a mebibyte
      Given a payment "flour"
      And the next request carries 'Content-Type: <media type>'
      When "<method> /v1/payments/flour" is requested with a body of 1048577 bytes
      Then the request is refused as too large
      And payment "flour" is as it was

      Examples:
        | method | media type                   |
        | PUT    | application/json             |
        | PATCH  | application/json-patch+json  |
        | PATCH  | application/merge-patch+json |

    @started
    Scenario: The largest size is a setting
      Given a service started with "--max-body 100"
      When payment "flour" is created
      Then the request is refused as too large

    @started
    Scenario Outline: A <method> whose body never ends
      Given a service started with "--timeout 5 --limit 1000-S"
      And a payment "flour"
      And the next request carries 'Content-Type: <media type>'
      When "<method> <path>" is requested with a body that never ends
      Then the request is refused as too slow
      And payment "flour" is as it was

      Examples:
        | method | path               | media type                   |
        | POST   | /v1/payments       | application/json             |
        | PUT    | /v1/payments/flour | application/json             |
        | PATCH  | /v1/payments/flour | application/merge-patch+json |

  Rule: Bytes that are not HTTP do no harm

    Scenario Outline: It survives <what>
      When these bytes are sent:
        """
        <bytes>

        """
      Then the server refuses what was sent, and serves on

      Examples:
        | what                   | bytes                                                              |
        | no HTTP at all         | hello                                                              |
        | a method of its own    | G\\x00T /v1/payments HTTP/1.1                                      |
        | a version of its own   | GET /v1/payments HTTP/9.9                                          |
        | two lengths            | POST /v1/payments HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n |
        | a header without name  | GET /v1/payments HTTP/1.1\n: x\n                                   |

  Rule: The type of a problem is the address of a page about it

    Scenario Outline: A program follows <kind>
      Given the next request carries 'Accept: application/json'
      When "GET /problems/<kind>" is requested
      Then the request succeeds
      And the answer has:
        | path                | matcher    | value              |
        | header Content-Type | is         | application/json   |
        | $.type              | is         | "/problems/<kind>" |
        | $.status            | is         | <status>           |
        | $.description       | is present |                    |

      Examples:
        | kind              | status |
        | payment-not-found | 404    |
        | version-conflict  | 409    |
        | invalid-request   | 400    |

    Scenario: A person follows one
      Given the next request carries 'Accept: text/html,*/*;q=0.8'
      When "GET /problems/version-conflict" is requested
      Then the request succeeds
      And the answer has:
        | path                | matcher | value                    |
        | header Content-Type | is      | text/html; charset=utf-8 |

    Scenario: There is no such kind
      When "GET /problems/nonsense" is requested
      Then the request is refused as an unknown path
