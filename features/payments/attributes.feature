@attributes
Feature: Attributes lose nothing

  Only the amount is looked at. Everything else belongs to the client, and comes back exactly as it was written: unknown
  keys, their order, nulls, white space, and the spelling of numbers and texts.

  Rule: What was written is what is read, byte for byte

    Scenario Outline: It keeps <what>
      When payment "flour" is created with the attributes:
        """
        <attributes>
        """
      Then the payment is created
      And the attributes are, byte for byte:
        """
        <attributes>
        """
      And payment "flour" has the attributes, byte for byte:
        """
        <attributes>
        """
      When the payments are listed
      Then the attributes are, byte for byte:
        """
        <attributes>
        """

      Examples:
        | what                        | attributes                                                                                          |
        | nothing but the amount      | {"amount":"1.10"}                                                                                   |
        | unknown keys, in any order  | {"z":1,"amount":"1","a":2,"m":{"y":[],"x":{}}}                                                      |
        | white space                 | { "amount" : "1",   "a" : [ 1 , 2 ] }                                                               |
        | nulls                       | {"amount":"1","reference":null,"fx":{"rate":null}}                                                  |
        | the spelling of numbers     | {"amount":"1","n":[1.10,1,1.0,-0,0.0,1e5,1E+5,1.0e-5]}                                              |
        | numbers of any size         | {"amount":"1","n":[123456789012345678901234567890,0.1234567890123456789012345678901,1E400,-1e-400]} |
        | escapes in texts            | {"amount":"1","t":"\\u00e9 \\/ \\n \\\\ud800 \\ud83d\\udca9"}                                       |
        | texts of any script         | {"amount":"1","t":"é ß 日本語 💩 \\u2028"}                                                          |
        | markup                      | {"amount":"1","t":"<b>Tom & Co <tom@x.org></b>"}                                                    |
        | a null character            | {"amount":"1","t":"a\\u0000b"}                                                                      |
        | keys that are there twice   | {"amount":"1","k":1,"k":2,"o":{"k":1,"k":2}}                                                        |
        | keys that look like ours    | {"amount":"1","Amount":"-1","id":7,"version":"x","":0,"__proto__":{}}                               |

    Scenario: White space between the lines
      When payment "flour" is created with the attributes:
        """
        {
          "amount": "1",

          "note":
            "kept"
        }
        """
      Then the payment is created
      And payment "flour" has the attributes, byte for byte:
        """
        {
          "amount": "1",

          "note":
            "kept"
        }
        """

    # The payments of seed/payments.json; its README says what each is for.
    Scenario Outline: The seed payment <name>
      When the seed payment "<name>" is created
      Then the payment is created
      And the seed payment "<name>" is there, byte for byte

      Examples:
        | name                      |
        | faster-payment            |
        | sepa-credit-transfer      |
        | yen-without-decimals      |
        | dinar-with-three-decimals |
        | several-sender-charges    |
        | every-property            |
        | smallest-amount           |
        | largest-amount            |
        | long-names                |
        | non-latin-names           |
        | number-spelling           |
        | text-escapes              |

    Scenario: A replacement, too
      Given a payment "flour"
      When payment "flour" is replaced at version 0 with the attributes:
        """
        {"b": 1.50, "amount": "2.00",  "a": null}
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        {"b": 1.50, "amount": "2.00",  "a": null}
        """

    Scenario: A patch keeps what it does not touch
      Given a payment "flour" with the attributes:
        """
        {"z":1.10,"amount":"100.21","n":123456789012345678901234567890,"t":"\u00e9","o":{"a":null,  "b":[1,2]}}
        """
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7"}}}
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        {"z":1.10,"amount":"7","n":123456789012345678901234567890,"t":"\u00e9","o":{"a":null,  "b":[1,2]}}
        """

    Scenario: A merge patch into an object keeps the other members of it
      Given a payment "flour" with the attributes:
        """
        {"z":1.10,"amount":"100.21","o":{"a":null,"b":[1,2],"n":1E400}}
        """
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"o": {"b": 3}}}}
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        {"z":1.10,"amount":"100.21","o":{"a":null,"b":3,"n":1E400}}
        """

    Scenario: A merge patch keeps keys that are there twice, where it does not touch them
      Given a payment "flour" with the attributes:
        """
        {"amount":"1","k":{"a":1,"a":2},"list":[{"b":1,"b":2}]}
        """
      When payment "flour" is merged with:
        """
        {"data": {"attributes": {"amount": "7", "more": [{"c":1,"c":2}]}}}
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        {"amount":"7","k":{"a":1,"a":2},"list":[{"b":1,"b":2}],"more":[{"c":1,"c":2}]}
        """

    Scenario: A JSON Patch keeps keys that are there twice in its values, as a creation does
      Given a payment "flour" with the attributes:
        """
        {"amount":"1","k":{"a":1,"a":2}}
        """
      When payment "flour" is patched with:
        """
        [{"op": "add", "path": "/data/attributes/o", "value": {"c":1,"c":2}}]
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        {"amount":"1","k":{"a":1,"a":2},"o":{"c":1,"c":2}}
        """

    Scenario: A JSON Patch keeps what it does not touch
      Given a payment "flour" with the attributes:
        """
        {"z":1.10,"amount":"100.21","n":123456789012345678901234567890,"t":"\u00e9","o":{"a":null,  "b":[1,2]}}
        """
      When payment "flour" is patched with:
        """
        [{"op": "test", "path": "/data/attributes/z", "value": 1.1},
         {"op": "test", "path": "/data/version", "value": 0},
         {"op": "replace", "path": "/data/attributes/amount", "value": "7"},
         {"op": "add", "path": "/data/attributes/nothing", "value": null},
         {"op": "remove", "path": "/data/attributes/t"}]
        """
      Then the payment is changed
      And payment "flour" has the attributes, byte for byte:
        """
        {"z":1.10,"amount":"7","n":123456789012345678901234567890,"o":{"a":null,  "b":[1,2]},"nothing":null}
        """

  Rule: What is not JSON, or not Unicode, or nests without end, is refused

    Scenario Outline: It refuses <what>
      When payment "flour" is created with the attributes:
        """
        <attributes>
        """
      Then the request is refused as invalid
      And the fault is at "/data/attributes"
      And nothing was stored

      Examples:
        | what                     | attributes                          |
        | half of a character      | {"amount":"1","t":"\\udc00"}        |
        | such a half in a key     | {"amount":"1","\\ud800":1}          |
        | such a half as amount    | {"amount":"\\ud800"}                |
        | what is no object        | "amount"                            |

    Scenario: Nesting deeper than 64
      When payment "flour" is created with:
        | pointer               | value                                                                                                                                                                    |
        | /data/attributes/deep | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] |
      Then the request is refused as invalid
      And the fault is at "/data/attributes"
