// The refusals as Node.js sees them: fetch over HTTP/1.1, and node:http2.
//
//     clients.mjs BASE LIMITED TIMES
import fs from 'node:fs';
import http2 from 'node:http2';

const [base, limited, most] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const cases = JSON.parse(fs.readFileSync(new URL('cases.json', import.meta.url)));

async function byFetch(base, { method, path, headers }, body) {
  const response = await fetch(base + path, { method, headers, body });
  return { status: response.status, text: await response.text() };
}

function byHttp2(session, { method, path, headers }, body) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...headers });
    let [status, text] = [0, ''];
    stream.on('response', (head) => (status = head[':status']));
    stream.on('data', (part) => (text += part));
    stream.on('end', () => resolve({ status, text }));
    stream.on('error', reject);
    stream.end(body);
  });
}

function check({ status, text }, expected) {
  if (status !== expected || (status >= 400 && JSON.parse(text).status !== expected)) {
    throw new Error(`${status} ${text.slice(0, 200)}`);
  }
}

const ALIVE = { method: 'GET', path: '/alive', headers: {} };

// Many at once have a connection each; one after the other they share one, which has to serve another request each time.
async function playFetch(base, item, body, reused, times) {
  const one = async () => check(await byFetch(base, item, body), item.status);
  if (!reused) return Promise.allSettled(Array.from({ length: times }, one));
  const results = [];
  for (let i = 0; i < times; i++) {
    const next = async () => check(await byFetch(base, ALIVE), 200);
    results.push(...(await Promise.allSettled([one().then(next)])));
  }
  return results;
}

// With the usual 10 MB for a session, Node.js itself resets a stream that waits to send more.
async function playHttp2(base, item, body, reused, times) {
  const results = [];
  let session;
  for (let i = 0; i < times; i++) {
    if (!session || !reused) session = http2.connect(base, { maxSessionMemory: 1000 }).on('error', () => {});
    const one = async () => {
      check(await byHttp2(session, item, body), item.status);
      if (reused) check(await byHttp2(session, ALIVE), 200);
    };
    results.push(...(await Promise.allSettled([one()])));
    if (!reused || session.closed || session.destroyed) {
      session.destroy();
      session = undefined;
    }
  }
  session?.destroy();
  return results;
}

let bad = false;
for (const [name, play] of [['node fetch', playFetch], ['node http2', playHttp2]]) {
  for (const item of cases) {
    for (const reused of [false, true]) {
      const times = Math.min(most, item.times ?? most);
      const body = Buffer.alloc(item.size, ' ');
      const results = await play(item.status === 429 ? limited : base, item, body, reused, times);
      const failed = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
      bad ||= failed.length > 0;
      const why = failed.length ? `${failed[0]} ${failed[0].cause ?? ''}` : '';
      const how = reused ? 'reused' : 'fresh';
      console.log(`${name}, ${how}: ${item.status} for ${item.size} bytes: ${times - failed.length} of ${times}  ${why}`);
    }
  }
}
process.exit(bad ? 1 : 0);
