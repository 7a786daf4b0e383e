import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** What the tour stands on: steps with names, and what other programs do to the service. */
class Steps {
  interface Step {
    void play() throws Exception;
  }

  private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  final String url;
  final String tour;
  /** Attributes as another program wrote them: with nulls, unknown names, and numbers that no double holds. */
  final String written;

  Steps(String[] arguments) throws Exception {
    url = arguments[0];
    tour = arguments[1];
    written = Files.readString(Path.of(arguments[2])).strip();
  }

  /** Names a payment of the tour's own, new with each run: the service never gives an id out again. */
  String id(String name) {
    return tour + "-" + name + "-" + ProcessHandle.current().pid();
  }

  void play(String name, Step step) {
    try {
      step.play();
      System.out.println(tour + ": " + name);
    } catch (Exception | AssertionError fault) {
      System.err.println(tour + ": " + name + ": FAILED");
      fault.printStackTrace();
      System.exit(1);
    }
  }

  static void equal(Object found, Object expected) {
    if (!Objects.equals(found, expected)) throw new AssertionError("expected " + expected + ", got " + found);
  }

  /** Takes the cursor out of the link to the next page. */
  static String after(URI next) {
    return next.getQuery().replaceAll(".*after=([^&]*).*", "$1");
  }

  String send(HttpRequest.Builder request, int status) throws Exception {
    var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    equal(response.statusCode(), status);
    return response.body();
  }

  /** Stores a payment with these attributes. */
  void writtenByAnother(String id) throws Exception {
    var form = "{\"data\":{\"id\":\"%s\",\"type\":\"Payment\",\"organisation_id\":\"bakery\",\"attributes\":%s}}";
    var body = HttpRequest.BodyPublishers.ofString(String.format(form, id, written));
    send(HttpRequest.newBuilder(URI.create(url + "/v1/payments")).header("Content-Type", "application/json").POST(body), 201);
  }

  /** The attributes that the service has. */
  Object stored(String id) throws Exception {
    var payment = (Map<?, ?>) parsed(send(HttpRequest.newBuilder(URI.create(url + "/v1/payments/" + id)), 200));
    return ((Map<?, ?>) payment.get("data")).get("attributes");
  }

  /** JSON, whatever the order of its keys. To a BigDecimal, 1.10 is another number than 1.1. */
  static Object parsed(String text) throws Exception {
    return JSON.readValue(text, Object.class);
  }
}
