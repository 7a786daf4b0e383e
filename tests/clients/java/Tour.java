import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.PaymentsApi;
import org.openapitools.client.model.*;

/** The tour with the client that OpenAPI Generator makes for Java (generator java, library native). */
class Tour {
  /** The version of the contract that the client was made from. */
  static final String VERSION = "2027-01-15";

  public static void main(String[] arguments) throws Exception {
    var steps = new Steps(arguments);

    // Jackson's settings of the generated client drop nulls and make doubles of decimals; these keep both.
    ObjectMapper mapper = ApiClient.createDefaultObjectMapper()
        .setDefaultPropertyInclusion(JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    var payments = new PaymentsApi(new ApiClient(HttpClient.newBuilder(), mapper, steps.url));
    var invoice = steps.id("invoice");

    steps.play("create", () -> {
      var attributes = new PaymentAttributes().amount("100.21").putAdditionalProperty("currency", "GBP");
      var payment = new PaymentInput().id(invoice).type(PaymentType.PAYMENT).organisationId("bakery").attributes(attributes);
      var created = payments.createPayment(new PaymentRequest().data(payment), VERSION, null, null);
      Steps.equal(created.getData().getVersion(), 0L);
    });

    steps.play("read only what has changed", () -> {
      var read = payments.getPaymentWithHttpInfo(invoice, VERSION, null, null);
      var etag = read.getHeaders().get("etag").get(0);
      // What is not a success is thrown, 304 too.
      try {
        payments.getPayment(invoice, VERSION, null, etag);
        throw new AssertionError("read again");
      } catch (ApiException unchanged) {
        Steps.equal(unchanged.getCode(), 304);
      }
    });

    steps.play("replace, and lose to another writer", () -> {
      var read = payments.getPayment(invoice, VERSION, null, null).getData();
      read.getAttributes().setAmount("120.00");
      payments.updatePayment(invoice, sent(read), VERSION, null, null);
      // The same once more: `data.version` is the one that was read, and no longer the current one.
      try {
        payments.updatePayment(invoice, sent(read), VERSION, null, null);
        throw new AssertionError("replaced again");
      } catch (ApiException conflict) {
        var problem = mapper.readValue(conflict.getResponseBody(), Problem.class);
        Steps.equal(problem.getType(), "/problems/version-conflict");
      }
    });

    steps.play("JSON Patch", () -> {
      var raise = new JsonPatchOperation().op(JsonPatchOp.REPLACE).path("/data/attributes/amount").value("130.00");
      var patched = payments.patchPayment(invoice, List.of(raise), VERSION, "\"1\"", null);
      Steps.equal(patched.getData().getAttributes().getAmount(), "130.00");
    });

    steps.play("merge patch, past the client, which has no method for it", () -> {
      var patch = HttpRequest.BodyPublishers.ofString("{\"data\": {\"attributes\": {\"currency\": null}}}");
      var request = HttpRequest.newBuilder(URI.create(steps.url + "/v1/payments/" + invoice))
          .header("Content-Type", "application/merge-patch+json")
          .method("PATCH", patch);
      steps.send(request, 200);
    });

    steps.play("walk through all", () -> {
      for (var name : List.of("a", "b", "c")) steps.writtenByAnother(steps.id(name));
      var seen = new ArrayList<String>();
      var page = payments.listPayments(VERSION, null, null, 2L, null, null);
      while (!page.getData().isEmpty()) {
        for (var payment : page.getData()) seen.add(payment.getId());
        // The link has the cursor; the client takes it as a parameter.
        var after = Steps.after(page.getLinks().getNext());
        page = payments.listPayments(VERSION, after, null, 2L, null, null);
      }
      for (var name : List.of("invoice", "a", "b", "c")) Steps.equal(Collections.frequency(seen, steps.id(name)), 1);
    });

    steps.play("send back what was read: all is kept but the order of keys", () -> {
      var read = payments.getPayment(steps.id("a"), VERSION, null, null).getData();
      payments.updatePayment(steps.id("a"), sent(read), VERSION, null, null);
      Steps.equal(steps.stored(steps.id("a")), Steps.parsed(steps.written));
    });

    steps.play("the same with Jackson's settings of the generated client: nulls and decimals are lost", () -> {
      var stock = new PaymentsApi(new ApiClient(HttpClient.newBuilder(), ApiClient.createDefaultObjectMapper(), steps.url));
      stock.updatePayment(steps.id("b"), sent(stock.getPayment(steps.id("b"), VERSION, null, null).getData()), VERSION, null, null);
      var lost = steps.written.replaceAll(",\"[a-z_]+\":null", "").replace("1.10", "1.1");
      Steps.equal(steps.stored(steps.id("b")), Steps.parsed(lost));
    });

    steps.play("delete", () -> {
      payments.deletePayment(invoice, VERSION, 3L, null, null);
      try {
        payments.getPayment(invoice, VERSION, null, null);
        throw new AssertionError("read what was deleted");
      } catch (ApiException missing) {
        Steps.equal(missing.getCode(), 404);
      }
    });
  }

  /** A payment that was read, as one to send. */
  static PaymentRequest sent(Payment read) {
    var payment = new PaymentInput()
        .type(read.getType())
        .organisationId(read.getOrganisationId())
        .version(read.getVersion())
        .attributes(read.getAttributes());
    return new PaymentRequest().data(payment);
  }
}
