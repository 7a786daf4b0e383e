// The tour with the client that OpenAPI Generator makes for Go (generator go).
package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"clients/steps"
	payments "clients/stockclient"
)

func main() {
	configuration := payments.NewConfiguration()
	configuration.Servers = payments.ServerConfigurations{{URL: steps.URL}}
	api := payments.NewAPIClient(configuration).PaymentsAPI
	ctx, invoice := context.Background(), steps.ID("invoice")

	sent := func(read *payments.PaymentResponse) payments.PaymentRequest {
		payment := payments.NewPaymentInput(read.Data.Type, read.Data.OrganisationId, read.Data.Attributes)
		payment.Version = read.Data.Version
		return *payments.NewPaymentRequest(*payment)
	}

	steps.Play("create", func() {
		attributes := payments.NewPaymentAttributes("100.21")
		attributes.AdditionalProperties = map[string]any{"currency": "GBP"}
		payment := payments.NewPaymentInput(payments.PAYMENT, "bakery", *attributes)
		payment.Id = &invoice
		created, _, err := api.CreatePayment(ctx).PaymentRequest(*payments.NewPaymentRequest(*payment)).Execute()
		steps.Must(err)
		steps.Equal(created.Data.GetVersion(), int64(0))
	})

	steps.Play("read only what has changed", func() {
		_, response, err := api.GetPayment(ctx, invoice).Execute()
		steps.Must(err)
		// What is not a success comes with an error, 304 too.
		_, response, err = api.GetPayment(ctx, invoice).IfNoneMatch(response.Header.Get("ETag")).Execute()
		steps.Equal(response.StatusCode, http.StatusNotModified)
		steps.Equal(err != nil, true)
	})

	steps.Play("replace, and lose to another writer", func() {
		read, _, err := api.GetPayment(ctx, invoice).Execute()
		steps.Must(err)
		read.Data.Attributes.Amount = "120.00"
		_, _, err = api.UpdatePayment(ctx, invoice).PaymentRequest(sent(read)).Execute()
		steps.Must(err)
		// The same once more: `data.version` is the one that was read, and no longer the current one.
		_, _, err = api.UpdatePayment(ctx, invoice).PaymentRequest(sent(read)).Execute()
		var refused *payments.GenericOpenAPIError
		steps.Equal(errors.As(err, &refused), true)
		problem := refused.Model().(payments.Problem)
		steps.Equal(problem.Type, "/problems/version-conflict")
	})

	steps.Play("JSON Patch", func() {
		raise := payments.NewJsonPatchOperation(payments.REPLACE, "/data/attributes/amount")
		raise.Value = "130.00"
		patch := []payments.JsonPatchOperation{*raise}
		patched, _, err := api.PatchPayment(ctx, invoice).IfMatch(`"1"`).JsonPatchOperation(patch).Execute()
		steps.Must(err)
		steps.Equal(patched.Data.Attributes.Amount, "130.00")
	})

	steps.Play("merge patch, past the client, which has no method for it", func() {
		patch := strings.NewReader(`{"data": {"attributes": {"currency": null}}}`)
		request, err := http.NewRequest(http.MethodPatch, steps.URL+"/v1/payments/"+invoice, patch)
		steps.Must(err)
		request.Header.Set("Content-Type", "application/merge-patch+json")
		response, err := http.DefaultClient.Do(request)
		steps.Must(err)
		steps.Equal(response.StatusCode, http.StatusOK)
	})

	steps.Play("walk through all", func() {
		for _, name := range []string{"a", "b", "c"} {
			steps.WrittenByAnother(steps.ID(name))
		}
		seen := map[string]int{}
		page, _, err := api.ListPayments(ctx).Size(2).Execute()
		for ; err == nil && len(page.Data) > 0; page, _, err = api.ListPayments(ctx).After(steps.After(page.Links.Next)).Size(2).Execute() {
			for _, payment := range page.Data {
				seen[payment.GetId()]++
			}
		}
		steps.Must(err)
		for _, name := range []string{"invoice", "a", "b", "c"} {
			steps.Equal(seen[steps.ID(name)], 1)
		}
	})

	steps.Play("send back what was read: all is kept but the order of keys and numbers beyond a double", func() {
		read, _, err := api.GetPayment(ctx, steps.ID("a")).Execute()
		steps.Must(err)
		_, _, err = api.UpdatePayment(ctx, steps.ID("a")).PaymentRequest(sent(read)).Execute()
		steps.Must(err)
		steps.Equal(steps.Stored(steps.ID("a")), steps.Parsed(steps.InDoubles()))
	})

	steps.Play("delete", func() {
		_, err := api.DeletePayment(ctx, invoice).Version(3).Execute()
		steps.Must(err)
		_, response, _ := api.GetPayment(ctx, invoice).Execute()
		steps.Equal(response.StatusCode, http.StatusNotFound)
	})
}
