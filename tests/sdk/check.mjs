// As check.py, with the libraries of npm, whose CloudEvents SDK reads whole batches by their media type.

import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The libraries lie in a folder of the build, not beside this file.
const require = createRequire(process.argv[2] + '/node_modules/');
const { HTTP } = require('cloudevents');
const { Webhook } = require('standardwebhooks');

const given = JSON.parse(readFileSync(0, 'utf8'));
const webhook = new Webhook(given.secret);
let events = 0;
let signatures = 0;
for (const { headers, body, events: expected } of given.requests) {
  webhook.verify(body, headers);
  assert.throws(() => webhook.verify(body + ' ', headers), /signature/);
  assert.throws(() => webhook.verify(body, { ...headers, 'webhook-id': 'another' }), /signature/);
  signatures += 1;
  if (expected === null) continue;
  const parsed = HTTP.toEvent({ headers, body });
  assert.deepStrictEqual(parsed.map((event) => [event.id, event.type, event.subject]), expected);
  for (const event of parsed) {
    assert(event.validate());
    assert.strictEqual(typeof event.data, 'object');
  }
  events += parsed.length;
}
console.log(`${events} events, ${signatures} signatures`);
