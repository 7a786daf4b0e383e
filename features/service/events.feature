@events
Feature: Events

  Every change of every payment is told, once, in one order that never changes. A consumer keeps `links.next`, and goes on from
  there whenever it likes: nothing is missed, whatever was committed late, or filtered out, or happened while it was away.

  Rule: What happened is told in order

    Scenario: Nothing has happened
      When the events are listed
      Then no events are told
      And the answer has:
        | path         | matcher    | value |
        | $.links.next | is present |       |

    Scenario: Payments come, change and go
      Given a payment "flour"
      And a payment "yeast"
      And payment "flour" was changed 1 time
      And payment "yeast" was deleted
      When the events are listed
      Then these events are told:
        | event           | payment | version |
        | payment.created | flour   | 0       |
        | payment.created | yeast   | 0       |
        | payment.updated | flour   | 1       |
        | payment.deleted | yeast   | 1       |
      And the answer has:
        | path                   | matcher   | value                |
        | $.data[0].id           | matches   | "^evt_[0-9a-f]{32}$" |
        | $.data[0].timestamp    | is a      | "UTC time"           |
        | $.data[0].data.payment | is absent |                      |

    Scenario: An event leads to what the payment became
      Given a payment "flour"
      And payment "flour" was changed 1 time
      When the events are listed
      And the address in "$.data[1].data.links.self" is read
      Then the request succeeds
      And the answer has:
        | path                              | matcher | value |
        | $.data.version                    | is      | 1     |
        | $.data.payment.attributes.changed | is      | 1     |

    Scenario: Or includes it, on request
      Given a payment "flour"
      And payment "flour" was changed 1 time
      When the events are listed with "content=full"
      Then the answer has:
        | path                                       | matcher | value   |
        | $.data[*].data.payment.id                  | is      | ["flour", "flour"] |
        | $.data[*].data.payment.version             | is      | [0, 1]  |
        | $.data[1].data.payment.attributes.changed  | is      | 1       |

    Scenario: What was refused is not told
      Given a payment "flour"
      When payment "flour" is created
      Then the request is refused as a taken id
      When payment "flour" is deleted at version 7
      Then the request is refused as a version conflict
      When the events are listed
      Then these events are told:
        | event           | payment | version |
        | payment.created | flour   | 0       |

  Rule: A walk goes on from where it was

    Scenario: Page by page, and on to what is new
      Given a payment "flour"
      And payment "flour" was changed 2 times
      When the events are listed with "size=2"
      Then these events are told:
        | event           | payment | version |
        | payment.created | flour   | 0       |
        | payment.updated | flour   | 1       |
      When the next page is asked for
      Then these events are told:
        | event           | payment | version |
        | payment.updated | flour   | 2       |
      When the next page is asked for
      Then no events are told
      Given the client keeps the next link
      And a payment "yeast"
      When the client asks for the link it kept
      Then these events are told:
        | event           | payment | version |
        | payment.created | yeast   | 0       |

    Scenario: Only from now on
      Given a payment "flour"
      And the events were listed with "after=now"
      And the client keeps the next link
      And a payment "yeast"
      When the client asks for the link it kept
      Then these events are told:
        | event           | payment | version |
        | payment.created | yeast   | 0       |

    Scenario Outline: Only <filter>
      Given a payment "flour"
      And a payment "yeast"
      And payment "yeast" was changed 1 time
      When the events are listed with "<filter>"
      Then these events are told:
        | event   | payment | version |
        | <event> | yeast   | 1       |
      When the next page is asked for
      Then no events are told

      Examples:
        | filter                                                   | event           |
        | filter[type]=payment.updated                             | payment.updated |
        | filter%5Btype%5D=payment.updated                         | payment.updated |
        | filter[payment_id]=yeast&filter[type]=payment.updated    | payment.updated |

    Scenario: What is filtered out is passed
      Given a payment "flour"
      And the events were listed with "filter[organisation_id]=nobody"
      And the client keeps the next link
      When the client asks for the link it kept
      Then no events are told

    Scenario: A consumer waits for news
      When the events are listed with "wait=1"
      Then no events are told
      Given a payment "flour"
      When the events are listed with "wait=30"
      Then these events are told:
        | event           | payment | version |
        | payment.created | flour   | 0       |

  Rule: A cursor that cannot be used is refused, and never skips anything

    Scenario Outline: <query>
      Given a payment "flour"
      When the events are listed with "<query>"
      Then the request is refused as invalid
      And the fault is at "<fault>"

      Examples:
        | query                                                     | fault                           |
        | after=garbage                                             | /query/after                    |
        | after=                                                    | /query/after                    |
        | after=AQAAAAAAAAAC                                        | /query/after                    |
        | after=AwAAAAAAAAABAAAAAAAAAAA&filter[payment_id]=flour    | /query/after                    |
        | size=0                                                    | /query/size                     |
        | wait=-1                                                   | /query/wait                     |
        | wait=long                                                 | /query/wait                     |
        | content=some                                              | /query/content                  |
        | filter[type]=payment.moved                                | /query/filter[type]             |
        | filter[payment_id]=a%2Fb                                  | /query/filter[payment_id]       |
        | filter[organisation_id]=                                  | /query/filter[organisation_id]  |

    Scenario: After the store was emptied the walk begins anew
      Given a payment "flour"
      And the events were listed with "size=3"
      And the client keeps the next link
      When the store is emptied
      And the link that the client kept is tried
      Then the request is refused as an expired cursor
      Given a payment "yeast"
      When the link that the client kept is tried
      Then the request is refused as an expired cursor
      And the answer has:
        | path     | matcher  | value                     |
        | $.detail | contains | "/v1/events?size=3"       |
      When the events are listed
      Then these events are told:
        | event           | payment | version |
        | payment.created | yeast   | 0       |

  Rule: A stream tells the same, at once

    Scenario: What happened, and what happens
      Given a payment "flour"
      When a client follows the events
      Then the stream tells:
        | event           | payment | version |
        | payment.created | flour   | 0       |
      Given payment "flour" was changed 1 time
      Then the stream tells:
        | event           | payment | version |
        | payment.updated | flour   | 1       |

    Scenario: It is resumed after the event that the client saw last
      Given a payment "flour"
      And a client follows the events
      And the stream tells:
        | event           | payment | version |
        | payment.created | flour   | 0       |
      When the client loses its connection
      And payment "flour" is deleted at version 0
      And the client follows the events again
      Then the stream tells:
        | event           | payment | version |
        | payment.deleted | flour   | 1       |

    Scenario: Filters hold for it, too
      Given a client follows the events with "filter[type]=payment.updated&after=now"
      And a payment "flour"
      And payment "flour" was changed 1 time
      Then the stream tells:
        | event           | payment | version |
        | payment.updated | flour   | 1       |

    Scenario: It says that it is not to be stored, and comes as it is
      When a client follows the events
      Then the answer has:
        | path                     | matcher   | value             |
        | header Content-Type      | is        | text/event-stream |
        | header Cache-Control     | is        | no-store          |
        | header X-Accel-Buffering | is        | no                |
        | header Content-Encoding  | is absent |                   |

    Scenario: It cannot begin at what is no cursor, or no longer one
      Given the next request carries 'Last-Event-ID: garbage'
      When "GET /v1/events/stream" is requested
      Then the request is refused as invalid
      And the fault is at "/header/Last-Event-ID"
      Given a payment "flour"
      And a client follows the events
      And the stream tells:
        | event           | payment | version |
        | payment.created | flour   | 0       |
      When the store is emptied
      And the client follows the events again
      Then the request is refused as an expired cursor
