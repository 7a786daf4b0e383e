@headers
Feature: Headers

  What every response says to caches and browsers, and what it says if the server is told to.

  Rule: Payments that were read may be kept, and asked for again; nothing else may be stored

    Scenario Outline: <request>
      Given a payment "flour"
      When "<request>" is requested
      Then the answer has:
        | path                          | matcher | value           |
        | header Cache-Control          | is      | <cache control> |
        | header X-Content-Type-Options | is      | nosniff         |

      Examples:
        | request                             | cache control     |
        | GET /v1/payments/flour              | private, no-cache |
        | HEAD /v1/payments/flour             | private, no-cache |
        | GET /v1/payments                    | no-store          |
        | POST /v1/payments                   | no-store          |
        | DELETE /v1/payments/flour?version=0 | no-store          |
        | GET /v1/payments/salt               | no-store          |
        | GET /v1/payments/flour/history      | no-store          |
        | GET /v1/payments/flour/history/0    | no-store          |
        | GET /v1/events                      | no-store          |
        | GET /admin/repo                     | no-store          |
        | GET /health                         | no-store          |
        | GET /nowhere                        | no-store          |

    Scenario: The payment is still the same
      Given a payment "flour"
      And the next request carries 'If-None-Match: "0"'
      When payment "flour" is read
      Then the payment is not sent again
      And the answer has:
        | path                 | matcher | value             |
        | header Cache-Control | is      | private, no-cache |

    Scenario: A change is not stored, though it has an ETag
      Given a payment "flour"
      When payment "flour" is replaced at version 0
      Then the answer has:
        | path                 | matcher | value    |
        | header ETag          | is      | "1"      |
        | header Cache-Control | is      | no-store |

  Rule: Pages of other origins are let in if the server is told to

    Scenario: They are not
      Given the next request carries 'Origin: https://shop.example'
      When the payments are listed
      Then the answer has:
        | path                               | matcher   | value |
        | header Access-Control-Allow-Origin | is absent |       |

    Scenario: A page that asks what it may do is told that there is no such method
      Given the next request carries 'Origin: https://shop.example'
      And the next request carries 'Access-Control-Request-Method: PUT'
      When "OPTIONS /v1/payments" is requested
      Then the request is refused as a wrong method
      And the answer has:
        | path                               | matcher   | value |
        | header Access-Control-Allow-Origin | is absent |       |

    @started
    Scenario: All of them are
      Given a service started with "--cors"
      And the next request carries 'Origin: https://shop.example'
      When payment "flour" is read
      Then the request is refused as an unknown payment
      And the answer has:
        | path                                 | matcher  | value |
        | header Access-Control-Allow-Origin   | is       | *     |
        | header Access-Control-Expose-Headers | contains | etag  |

    @started
    Scenario Outline: Only some are: <origin>
      Given a service started with "--cors=https://shop.example,https://admin.example:8443"
      And the next request carries 'Origin: <origin>'
      When the payments are listed
      Then the answer has:
        | path                               | matcher   | value   |
        | header Access-Control-Allow-Origin | <matcher> | <value> |
        | header Vary                        | contains  | origin  |

      Examples:
        | origin                      | matcher   | value                      |
        | https://shop.example        | is        | https://shop.example       |
        | https://admin.example:8443  | is        | https://admin.example:8443 |
        | https://admin.example       | is absent |                            |
        | http://shop.example         | is absent |                            |
        | null                        | is absent |                            |

    @started
    Scenario Outline: A page has no access to what is for operators: <path>
      Given a service started with "--cors"
      And a payment "flour"
      And the next request carries 'Origin: https://shop.example'
      And the next request carries 'Access-Control-Request-Method: DELETE'
      When "OPTIONS <path>" is requested
      Then the answer has:
        | path                                | matcher   | value |
        | header Access-Control-Allow-Origin  | is absent |       |
        | header Access-Control-Allow-Methods | is absent |       |
      And there is 1 payment

      Examples:
        | path        |
        | /admin/repo |
        | /metrics    |
        | /health     |
        | /nowhere    |

    @started
    Scenario: A tool in a page loads the contract
      Given a service started with "--cors"
      And the next request carries 'Origin: https://shop.example'
      When "GET /openapi.yml" is requested
      Then the answer has:
        | path                               | matcher | value |
        | header Access-Control-Allow-Origin | is      | *     |

    @started
    Scenario: A page hears that it asked too often
      Given a service started with "--cors --limit 1-D"
      And the payments were listed
      And the next request carries 'Origin: https://shop.example'
      When the payments are listed
      Then the request is refused as over the limit
      And the answer has:
        | path                               | matcher | value |
        | header Access-Control-Allow-Origin | is      | *     |

    @started
    Scenario Outline: --cors=<setting>
      Given a service started with "--cors=<setting>"
      And the next request carries 'Origin: https://shop.example'
      When the payments are listed
      Then the answer has:
        | path                               | matcher   | value   |
        | header Access-Control-Allow-Origin | <matcher> | <value> |

      Examples:
        | setting | matcher   | value |
        | true    | is        | *     |
        | false   | is absent |       |

  Rule: What varies says so, whether it is sent or not

    @started
    Scenario Outline: A payment of <what> bytes, with <flag>
      Given a service started with "<flag>"
      And a payment "flour" with:
        | pointer               | value  |
        | /data/attributes/note | <note> |
      When payment "flour" is read
      Then the payment is returned
      And the answer has:
        | path        | matcher | value  |
        | header Vary | is      | <vary> |
      Given the next request carries 'If-None-Match: "0"'
      When payment "flour" is read
      Then the payment is not sent again
      And the answer has:
        | path        | matcher | value  |
        | header Vary | is      | <vary> |

      Examples:
        | what   | flag       | note                                                                 | vary                                                                          |
        | few    | --compress | "x"                                                                  | accept-encoding                                                               |
        | many   | --compress | "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" | accept-encoding                                                               |
        | few    | --cors     | "x"                                                                  | origin, access-control-request-method, access-control-request-headers         |

  Rule: What is small is not compressed, and nothing is unless the server is told to

    @started
    Scenario: An answer of a few bytes
      Given a service started with "--compress"
      And the next request carries 'Accept-Encoding: gzip'
      When "GET /health" is requested
      Then the answer has:
        | path                    | matcher   | value |
        | header Content-Encoding | is absent |       |

    Scenario: A server that was not told to
      Given 20 payments
      And the next request carries 'Accept-Encoding: gzip, br, zstd'
      When "GET /v1/payments" is requested
      Then the answer has:
        | path                    | matcher   | value |
        | header Content-Encoding | is absent |       |
