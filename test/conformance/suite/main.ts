/** `npm run conformance`: one plan of a running OpenID conformance suite against a Kapu that is started for it. */

import { conformance } from './command.ts';

const waiting = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => waiting.abort());

process.exitCode = await conformance(process.argv.slice(2), {
  out: console.log,
  err: console.error,
  env: process.env,
  stopped: waiting.signal,
});
