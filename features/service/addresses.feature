@addresses
Feature: Addresses

  Links are absolute, and as the clients see them: the service may stand behind a proxy, and under another version.

  @started
  Scenario: Another address, and another version
    Given a service started with "--api-version v7 --external-url https://pay.example/api/"
    When payment "flour" is created
    Then the payment is created
    And the answer has:
      | path            | matcher | value                                        |
      | header Location | is      | https://pay.example/api/v7/payments/flour    |
      | $.links.self    | is      | "https://pay.example/api/v7/payments/flour"  |
    When the payments are listed with "size=1"
    Then the page shows "flour"
    And the answer has:
      | path         | matcher     | value                                              |
      | $.links.self | is          | "https://pay.example/api/v7/payments?size=1"       |
      | $.links.next | starts with | "https://pay.example/api/v7/payments?after="       |
    When "GET /v1/payments" is requested
    Then the request is refused as an unknown path
    When "GET /health" is requested
    Then the request succeeds
    When "GET /openapi.yml" is requested
    Then the answer is the contract, byte for byte but for its address and version
    When "GET /openapi.json" is requested
    Then the answer has:
      | path                           | matcher    | value                     |
      | $.servers[0].url               | is         | "https://pay.example/api" |
      | $.paths['/v7/payments/{id}']   | is present |                           |
      | $.paths['/v1/payments/{id}']   | is absent  |                           |

  Scenario: The root leads to the documentation
    When "GET /" is requested
    Then the answer has:
      | path            | matcher | value |
      | header Location | is      | docs  |
    When "GET /docs" is requested
    Then the request succeeds

  Scenario: The contract is served beside the service
    When "GET /openapi.yml" is requested
    Then the request succeeds
    And the answer has:
      | path                | matcher | value            |
      | header Content-Type | is      | application/yaml |
    And the answer is the contract, byte for byte but for its address and version
    When "GET /openapi.json" is requested
    Then the request succeeds
    And the answer has:
      | path      | matcher    | value   |
      | $.openapi | is         | "3.0.3" |
      | $.paths.* | has length | 13      |
