/**
 * Lets people in one after another, as fast as the process keeps up. When hundreds come in the same moment, each step of each would
 * stand in line with every step of all others, and so would services that redeem tokens and whoever looks at the server's
 * health: a process does one thing at a time. Here people wait before anything is begun for them.
 * It knows nothing of what a request is for, but that its path is one of people's.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

export interface TurnstileOptions {
  /** Requests that may wait; the default is what a process gets through in some ten seconds. */
  length?: number;
  /** Seconds that a request may wait. */
  patience: number;
  /** Told of each request that is turned away. */
  turnedAway: () => void;
}

/** Has `request` answered by `serve`, at once or in its turn; with 503 when there are too many before it. */
export type Turnstile = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

/** People's pages. What services and browsers load by themselves is let past: it is what must stay quick. */
const peoples = /^\/+(auth|interaction|session|account|device(?!\/auth))(?=[/?]|$)/i;

/**
 * Turns of the event loop between one request and the next. In a turn all that is ready goes one step on, so there are about as
 * many under way as a request has steps, divided by this. Where nothing else is to be done a turn takes microseconds.
 */
const between = 6;

/** A turnstile at which nobody waits. */
export function createTurnstile({ length = 2_000, patience, turnedAway }: TurnstileOptions): Turnstile {
  const waiting = new Set<{ response: ServerResponse; serve: () => void; since: number }>();
  let turns = between;
  let turning = false;

  function turn(): void {
    turns++;
    const [first] = turns >= between ? waiting : [];
    if (first) waiting.delete(first);
    turning = waiting.size > 0 || turns < between || first !== undefined;
    if (turning) setImmediate(turn);
    // Who has left meanwhile takes nobody's turn, nor does who has to be sent away.
    if (!first || first.response.destroyed) return;
    if (performance.now() - first.since > patience * 1000) turnAway(first.response);
    else {
      turns = 0;
      first.serve();
    }
  }

  function turnAway(response: ServerResponse): void {
    turnedAway();
    response.writeHead(503, { ...busyHeaders, 'retry-after': String(Math.max(1, Math.ceil(patience))) }).end(busyPage);
  }

  return (request, response, serve) => {
    if (!peoples.test(request.url ?? '')) return serve();
    if (waiting.size >= length) return turnAway(response);
    waiting.add({ response, serve, since: performance.now() });
    if (!turning) turn();
  };
}

/** As plain as it can be, in both languages: making a page for each would cost what is short. The link is to the same address. */
const busyPage = `<!doctype html>
<html lang="hu"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Most sokan jelentkeznek be</title>
<main>
<h1>Most sokan jelentkeznek be egyszerre</h1>
<p>Várjon egy percet, és <a href="">próbálja újra</a>.</p>
<div lang="en">
<h2>Many people are signing in right now</h2>
<p>Wait a minute and <a href="">try again</a>.</p>
</div>
</main>
</html>
`;

const busyHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-length': Buffer.byteLength(busyPage),
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
};
