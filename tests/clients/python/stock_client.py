"""The tour with the client that OpenAPI Generator makes for Python (generator python)."""

from urllib.parse import parse_qs, urlsplit

from openapi_client import ApiClient, Configuration, JsonPatchOperation, Payment, PaymentRequest, PaymentsApi
from openapi_client.exceptions import ApiException, ConflictException, NotFoundException
from steps import URL, WRITTEN, own, parsed, step, stored, written_by_another

client = ApiClient(Configuration(host=URL))
payments = PaymentsApi(client)
invoice = own("invoice")


def sent(payment: Payment) -> PaymentRequest:
    return PaymentRequest.from_dict({"data": payment.to_dict()})


@step("create")
def _():
    attributes = {"amount": "100.21", "currency": "GBP"}
    request = {"data": {"id": invoice, "type": "Payment", "organisation_id": "bakery", "attributes": attributes}}
    created = payments.create_payment(PaymentRequest.from_dict(request))
    assert created.data.version == 0


@step("read only what has changed")
def _():
    # The headers are a dict: a name is found only as the service writes it.
    etag = payments.get_payment_with_http_info(invoice).headers["etag"]
    # What is not a success is raised, 304 too.
    try:
        payments.get_payment(invoice, if_none_match=etag)
        raise AssertionError("read again")
    except ApiException as unchanged:
        assert unchanged.status == 304


@step("replace, and lose to another writer")
def _():
    payment = payments.get_payment(invoice).data
    payment.attributes.amount = "120.00"
    payments.update_payment(invoice, sent(payment))
    # The same once more: `data.version` is the one that was read, and no longer the current one.
    try:
        payments.update_payment(invoice, sent(payment))
        raise AssertionError("replaced again")
    except ConflictException as conflict:
        assert conflict.data.type == "/problems/version-conflict"


@step("JSON Patch")
def _():
    patch = [JsonPatchOperation(op="replace", path="/data/attributes/amount", value="130.00")]
    assert payments.patch_payment(invoice, patch, if_match='"1"').data.attributes.amount == "130.00"


@step("merge patch, which has no method of its own")
def _():
    patch = {"data": {"attributes": {"currency": None}}}
    headers = {"Content-Type": "application/merge-patch+json"}
    request = client.param_serialize("PATCH", f"/v1/payments/{invoice}", header_params=headers, body=patch)
    response = client.call_api(*request)
    response.read()
    patched = client.response_deserialize(response, {"200": "PaymentResponse"}).data
    assert patched.data.attributes.to_dict() == {"amount": "130.00"}


@step("walk through all")
def _():
    for name in "abc":
        written_by_another(own(name))
    seen: list[Payment] = []
    page = payments.list_payments(size=2)
    while page.data:
        seen += page.data
        # The link has the cursor; the client takes it as a parameter.
        after = parse_qs(urlsplit(page.links.next).query)["after"][0]
        page = payments.list_payments(after=after, size=2)
    for name in (invoice, own("a"), own("b"), own("c")):
        assert [payment.id for payment in seen].count(name) == 1


@step("send back what was read: all is kept but the spelling of numbers")
def _():
    payments.update_payment(own("a"), sent(payments.get_payment(own("a")).data))
    # json.loads makes doubles of numbers with a point; integers stay whole.
    assert stored(own("a")) == parsed(WRITTEN.replace("1.10", "1.1"))


@step("delete")
def _():
    payments.delete_payment(invoice, version=3)
    try:
        payments.get_payment(invoice)
        raise AssertionError("read what was deleted")
    except NotFoundException as missing:
        assert missing.data.type == "/problems/payment-not-found"
