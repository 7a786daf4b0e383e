@admin
Feature: The admin endpoints

  Operators of demos and tests can look at the store, and empty it.

  Rule: The store describes itself

    Scenario: What it holds
      Given a payment "flour"
      And a payment "yeast"
      And a payment "salt"
      And payment "yeast" was deleted
      When "GET /admin/repo" is requested
      Then the request succeeds
      And the answer has:
        | path            | matcher | value |
        | $.data.payments | is      | 2     |
        | $.data.deleted  | is      | 1     |

    @memory @file
    Scenario: It is SQLite
      When "GET /admin/repo" is requested
      Then the answer has:
        | path        | matcher | value     |
        | $.data.repo | is      | "sqlite3" |

    @postgres
    Scenario: It is PostgreSQL
      When "GET /admin/repo" is requested
      Then the answer has:
        | path        | matcher | value      |
        | $.data.repo | is      | "postgres" |

  Rule: A store that was emptied remembers nothing

    Scenario: Its payments are gone, and their ids are free
      Given a payment "flour"
      And a payment "yeast"
      And payment "yeast" was deleted
      When the store is emptied
      Then nothing was stored
      And the answer has:
        | path           | matcher | value |
        | $.data.deleted | is      | 0     |
      And payment "flour" is gone
      When payment "flour" is created
      Then the payment is created
      When payment "yeast" is created
      Then the payment is created

    Scenario: A payment that was read a moment ago is gone, too
      Given a payment "flour"
      And payment "flour" was changed 1 time
      When payment "flour" is read
      Then the request succeeds
      When the payments are listed
      Then the page shows "flour"
      When the store is emptied
      Then payment "flour" is gone
      When the payments are listed
      Then the page is empty
      When payment "flour" is created
      Then payment "flour" is at version 0

    Scenario: A store that is empty can be emptied
      When the store is emptied
      And the store is emptied
      Then nothing was stored

    Scenario: Clients that walk through the payments go on
      Given 3 payments
      And the payments were listed
      And the client keeps the next link
      When the store is emptied
      And payment "flour" is created
      And the client asks for the link it kept
      Then the page shows "flour"

  Rule: Without the flag there are no admin endpoints

    @started
    Scenario Outline: There is no <method>
      Given a service started without "--admin"
      When "<method> /admin/repo" is requested
      Then the request is refused as an unknown path

      Examples:
        | method |
        | GET    |
        | DELETE |
