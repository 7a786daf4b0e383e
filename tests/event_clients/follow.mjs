// Follows the stream of events with the EventSource of npm, which is that of browsers: it connects again by itself when the
// connection breaks, and gives up when it is answered anything but 200. A proxy answers 503 while the service restarts.
//
//   openapi/tool node tests/event_clients/follow.mjs URL COUNT
//
// Writes a line for each event, `TYPE PAYMENT VERSION ID`, and ends after so many.

import { EventSource } from "eventsource";

const [service, count] = process.argv.slice(2);
const TYPES = ["payment.created", "payment.updated", "payment.deleted", "payment.erased"];
// While the library waits to connect again, it lets the program end.
const awake = setInterval(() => {}, 60_000);
let seen = 0;

/** Follows the events behind a cursor; without one, from the beginning. */
function follow(cursor) {
  const source = new EventSource(`${service}/v1/events/stream${cursor ? `?after=${cursor}` : ""}`);
  for (const type of ["bookmark", ...TYPES]) {
    source.addEventListener(type, ({ data, lastEventId }) => {
      cursor = lastEventId;
      if (type === "bookmark") return;
      const { id, data: { payment_id: payment, version } } = JSON.parse(data);
      console.log([type, payment, version, id].join(" "));
      seen += 1;
      if (seen === Number(count)) end(source);
    });
  }
  source.addEventListener("error", ({ code, message }) => {
    if (source.readyState !== EventSource.CLOSED) return; // It connects again.
    if (code === 429 || code >= 500) return setTimeout(follow, 1000, cursor);
    console.error(`the stream ended for good: ${code} ${message}`);
    process.exitCode = 1;
    end(source);
  });
}

function end(source) {
  source.close();
  clearInterval(awake);
}

follow();
