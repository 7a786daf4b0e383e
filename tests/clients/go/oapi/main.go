// The tour with the client that oapi-codegen makes.
package main

import (
	"context"
	"net/http"

	payments "clients/oapiclient"
	"clients/steps"
)

func main() {
	api, err := payments.NewClientWithResponses(steps.URL)
	steps.Must(err)
	ctx, invoice := context.Background(), steps.ID("invoice")

	sent := func(read *payments.PaymentResponse) payments.PaymentRequest {
		payment := read.Data
		return payments.PaymentRequest{Data: payments.PaymentInput{
			Type: payment.Type, OrganisationId: payment.OrganisationId, Version: payment.Version, Attributes: payment.Attributes,
		}}
	}

	steps.Play("create", func() {
		attributes := payments.PaymentAttributes{Amount: "100.21", AdditionalProperties: map[string]any{"currency": "GBP"}}
		payment := payments.PaymentInput{Id: &invoice, Type: "Payment", OrganisationId: "bakery", Attributes: attributes}
		created, err := api.CreatePaymentWithResponse(ctx, nil, payments.PaymentRequest{Data: payment})
		steps.Must(err)
		steps.Equal(*created.JSON201.Data.Version, int64(0))
	})

	steps.Play("read only what has changed", func() {
		read, err := api.GetPaymentWithResponse(ctx, invoice, nil)
		steps.Must(err)
		etag := read.HTTPResponse.Header.Get("ETag")
		unchanged, err := api.GetPaymentWithResponse(ctx, invoice, &payments.GetPaymentParams{IfNoneMatch: &etag})
		steps.Must(err)
		steps.Equal(unchanged.StatusCode(), http.StatusNotModified)
	})

	steps.Play("replace, and lose to another writer", func() {
		read, err := api.GetPaymentWithResponse(ctx, invoice, nil)
		steps.Must(err)
		read.JSON200.Data.Attributes.Amount = "120.00"
		_, err = api.UpdatePaymentWithResponse(ctx, invoice, nil, sent(read.JSON200))
		steps.Must(err)
		// The same once more: `data.version` is the one that was read, and no longer the current one.
		refused, err := api.UpdatePaymentWithResponse(ctx, invoice, nil, sent(read.JSON200))
		steps.Must(err)
		steps.Equal(refused.ApplicationproblemJSON409.Type, "/problems/version-conflict")
	})

	steps.Play("JSON Patch", func() {
		etag, amount := `"1"`, any("130.00")
		patch := payments.JsonPatch{{Op: payments.Replace, Path: "/data/attributes/amount", Value: &amount}}
		params := &payments.PatchPaymentParams{IfMatch: &etag}
		patched, err := api.PatchPaymentWithApplicationJSONPatchPlusJSONBodyWithResponse(ctx, invoice, params, patch)
		steps.Must(err)
		steps.Equal(patched.JSON200.Data.Attributes.Amount, "130.00")
	})

	steps.Play("merge patch", func() {
		data := any(map[string]any{"attributes": map[string]any{"currency": nil}})
		patch := payments.MergePatch{Data: &data}
		patched, err := api.PatchPaymentWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, invoice, nil, patch)
		steps.Must(err)
		steps.Equal(patched.JSON200.Data.Attributes, payments.PaymentAttributes{Amount: "130.00"})
	})

	steps.Play("walk through all", func() {
		for _, name := range []string{"a", "b", "c"} {
			steps.WrittenByAnother(steps.ID(name))
		}
		seen, size := map[string]int{}, int64(2)
		params := payments.ListPaymentsParams{Size: &size}
		for {
			page, err := api.ListPaymentsWithResponse(ctx, &params)
			steps.Must(err)
			if len(page.JSON200.Data) == 0 {
				break
			}
			for _, payment := range page.JSON200.Data {
				seen[*payment.Id]++
			}
			// The link has the cursor; the client takes it as a parameter.
			after := steps.After(page.JSON200.Links.Next)
			params.After = &after
		}
		for _, name := range []string{"invoice", "a", "b", "c"} {
			steps.Equal(seen[steps.ID(name)], 1)
		}
	})

	steps.Play("send back what was read: all is kept but the order of keys and numbers beyond a double", func() {
		read, err := api.GetPaymentWithResponse(ctx, steps.ID("a"), nil)
		steps.Must(err)
		_, err = api.UpdatePaymentWithResponse(ctx, steps.ID("a"), nil, sent(read.JSON200))
		steps.Must(err)
		steps.Equal(steps.Stored(steps.ID("a")), steps.Parsed(steps.InDoubles()))
	})

	steps.Play("delete", func() {
		version := int64(3)
		deleted, err := api.DeletePaymentWithResponse(ctx, invoice, &payments.DeletePaymentParams{Version: &version})
		steps.Must(err)
		steps.Equal(deleted.StatusCode(), http.StatusNoContent)
		missing, err := api.GetPaymentWithResponse(ctx, invoice, nil)
		steps.Must(err)
		steps.Equal(missing.StatusCode(), http.StatusNotFound)
	})
}
