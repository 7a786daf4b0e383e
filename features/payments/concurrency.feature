@concurrency
Feature: Many clients at once

  Of many clients that write the same version exactly one succeeds. The others are refused, and nothing of what they wrote is
  stored.

  Rule: An id is created once

    Scenario: Fifty clients with one id
      When 50 clients at once create payment "flour"
      Then 1 of them succeeds
      And the others are refused as a taken id
      And payment "flour" is what the winner wrote
      And there is 1 payment

    Scenario: A hundred clients with ids of their own
      When 100 clients at once each create a payment of their own
      Then all of them succeed
      And there are 100 payments

    Scenario: A walk through payments that were created at once shows each once
      When 60 clients at once each create a payment of their own
      Then all of them succeed
      When a client walks through all payments, 7 at a time
      Then every payment was shown once, in some order

  Rule: A version is written once

    Scenario: Fifty writers
      Given a payment "flour"
      When 50 clients at once replace payment "flour" at version 0
      Then 1 of them succeeds
      And the others are refused as a version conflict
      And payment "flour" is what the winner wrote
      And payment "flour" is at version 1

    Scenario: Fifty deleters
      Given a payment "flour"
      When 50 clients at once delete payment "flour" at version 0
      Then 1 of them succeeds
      And the others are refused as an unknown payment
      And payment "flour" is gone

    Scenario: Writers against deleters
      Given a payment "flour"
      When 40 clients at once replace or delete payment "flour" at version 0
      Then 1 of them succeeds
      And the others are refused as a version conflict or an unknown payment

  Rule: Patches that name no version are all applied

    Scenario: Thirty clients, each with a note
      Given a payment "flour"
      When 30 clients at once each merge a note of their own into payment "flour"
      Then all of them succeed
      And payment "flour" has the note of each client
      And payment "flour" is at version 30
      And payment "flour" has:
        | path                      | matcher    | value |
        | $.data.attributes.amount  | is         | "100.21" |

  Rule: A reader meanwhile sees one version or the other, whole

    Scenario: Forty readers and a writer
      Given a payment "flour"
      When 40 clients at once read payment "flour" while another replaces it at version 0
      Then all of them succeed
      And each of them has seen version 0 or version 1, whole
