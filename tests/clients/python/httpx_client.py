"""The tour with the client that openapi-python-client makes, on httpx."""

from urllib.parse import parse_qs, urlsplit

from payments_client import Client
from payments_client.api.payments import create_payment, delete_payment, get_payment, list_payments, patch_payment, update_payment
from payments_client.models import MergePatch, Payment, PaymentRequest, Problem
from steps import URL, WRITTEN, own, parsed, step, stored, written_by_another

client = Client(base_url=URL)
invoice = own("invoice")


def sent(payment: Payment) -> PaymentRequest:
    return PaymentRequest.from_dict({"data": payment.to_dict()})


@step("create")
def _():
    attributes = {"amount": "100.21", "currency": "GBP"}
    request = {"data": {"id": invoice, "type": "Payment", "organisation_id": "bakery", "attributes": attributes}}
    created = create_payment.sync(client=client, body=PaymentRequest.from_dict(request))
    assert created.data.version == 0


@step("read only what has changed")
def _():
    read = get_payment.sync_detailed(invoice, client=client)
    unchanged = get_payment.sync_detailed(invoice, client=client, if_none_match=read.headers["ETag"])
    assert unchanged.status_code == 304


@step("replace, and lose to another writer")
def _():
    payment = get_payment.sync(invoice, client=client).data
    payment.attributes.amount = "120.00"
    update_payment.sync(invoice, client=client, body=sent(payment))
    # The same once more: `data.version` is the one that was read, and no longer the current one.
    problem = update_payment.sync(invoice, client=client, body=sent(payment))
    assert isinstance(problem, Problem)
    assert problem.type_ == "/problems/version-conflict"


@step("both patches, past the generated method, which fails")
def _():
    # It holds its body to the type `list[JsonPatchOperation]`, which `isinstance` refuses.
    try:
        patch_payment.sync(invoice, client=client, body=MergePatch())
        raise AssertionError("it can be called now: take it")
    except TypeError:
        address, http = f"/v1/payments/{invoice}", client.get_httpx_client()
    patch = '[{"op": "replace", "path": "/data/attributes/amount", "value": "130.00"}]'
    headers = {"Content-Type": "application/json-patch+json", "If-Match": '"1"'}
    assert http.patch(address, content=patch, headers=headers).status_code == 200
    patch = '{"data": {"attributes": {"currency": null}}}'
    headers = {"Content-Type": "application/merge-patch+json"}
    patched = http.patch(address, content=patch, headers=headers).json()
    assert patched["data"]["attributes"] == {"amount": "130.00"}


@step("walk through all")
def _():
    for name in "abc":
        written_by_another(own(name))
    seen: list[Payment] = []
    page = list_payments.sync(client=client, size=2)
    while page.data:
        seen += page.data
        # The link has the cursor; the client takes it as a parameter.
        after = parse_qs(urlsplit(page.links.next_).query)["after"][0]
        page = list_payments.sync(client=client, after=after, size=2)
    for name in (invoice, own("a"), own("b"), own("c")):
        assert [payment.id for payment in seen].count(name) == 1


@step("send back what was read: all is kept but the order of keys and the spelling of numbers")
def _():
    update_payment.sync(own("a"), client=client, body=sent(get_payment.sync(own("a"), client=client).data))
    # The declared `amount` comes last; json.loads makes doubles of numbers with a point, and integers stay whole.
    amount = '"amount":"100.21"'
    moved = WRITTEN.replace(f"{amount},", "").removesuffix("}") + f",{amount}}}"
    assert stored(own("a")) == parsed(moved.replace("1.10", "1.1"))


@step("delete")
def _():
    assert delete_payment.sync_detailed(invoice, client=client, version=3).status_code == 204
    assert get_payment.sync(invoice, client=client).type_ == "/problems/payment-not-found"
