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
        | a null character            | {"amount":"1","t":"a\\u0000b"}                                                                      |
        | keys that are there twice   | {"amount":"1","k":1,"k":2}                                                                          |
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

    Scenario: A whole payment order
      When payment "flour" is created with the attributes:
        """
        {"amount": "100.21", "currency": "GBP", "payment_id": "20260118000042", "payment_type": "Credit",
         "payment_purpose": "Baking supplies", "payment_scheme": "FPS", "scheme_payment_type": "ImmediatePayment",
         "scheme_payment_sub_type": "InternetBanking", "processing_date": "2026-01-18",
         "reference": "Flour, January", "end_to_end_reference": "HLB-2026-0117", "numeric_reference": "260118",
         "beneficiary_party": {"name": "Millstone Flour Ltd", "address": "4 Sluice Road, Leeds LS1",
           "account_name": "Millstone Flour", "account_number": "10203040", "account_number_code": "BBAN",
           "account_type": 0, "bank_id": "000102", "bank_id_code": "GBDSC"},
         "debtor_party": {"name": "Harbour Lane Bakery Ltd", "account_number": "GB00XXXX00010300000001",
           "account_number_code": "IBAN", "bank_id": "000103", "bank_id_code": "GBDSC"},
         "sponsor_party": {"account_number": "50607080", "bank_id": "000104", "bank_id_code": "GBDSC"},
         "charges_information": {"bearer_code": "SHAR", "sender_charges": [{"amount": "0.35", "currency": "GBP"}],
           "receiver_charges_amount": "0.20", "receiver_charges_currency": "EUR"},
         "fx": {"contract_reference": "HLB-FX-7", "exchange_rate": "1.14850", "original_amount": "115.09",
           "original_currency": "EUR"}}
        """
      Then the payment is created
      And payment "flour" has:
        | path                                                        | matcher    | value                 |
        | $.data.attributes.beneficiary_party.name                    | is         | "Millstone Flour Ltd" |
        | $.data.attributes.beneficiary_party.account_type            | is         | 0                     |
        | $.data.attributes.fx.exchange_rate                          | is         | "1.14850"             |
        | $.data.attributes.charges_information.sender_charges        | has length | 1                     |
        | $.data.attributes.charges_information.sender_charges[0].amount | is      | "0.35"                |

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
        | what is no object        | "amount"                            |

    Scenario: Nesting deeper than 64
      When payment "flour" is created with:
        | pointer               | value                                                                                                                                                                    |
        | /data/attributes/deep | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] |
      Then the request is refused as invalid
      And the fault is at "/data/attributes"
