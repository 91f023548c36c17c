/** Many people signing in while something happens to Redis: what each of them was told, and how long it took. */

import { credentials, silently, stepOf } from '../flow/journey.ts';
import { type Agent, type Page, textOf } from '../support/agent.ts';
import type { TestKapu } from '../support/kapu.ts';
import type { Asked, RelyingParty } from '../support/relying-party.ts';

/** How one sign-in ended. */
export type Ending =
  | { outcome: 'well'; agent: Agent; asked: Asked; callback: URL; plus: boolean }
  /** Told plainly that it is not possible now, and to try again: 503 with Retry-After, for a person or a program. */
  | { outcome: 'told' }
  /** What had been begun is gone with the server that knew it: told to start again. */
  | { outcome: 'again'; what: string };

export interface Traffic {
  /** How many have begun so far. */
  begun: number;
  /** Those that have ended so far. */
  endings: Ending[];
  /** The longest that anybody has waited for an answer, in milliseconds. */
  slowest: number;
  /** Resolves when all have ended; rejects at the first answer that is neither good nor plain. */
  finished: Promise<void>;
}

/**
 * `count` sign-ins, one begun every `every` milliseconds, each third at plus. People take their time over a page: each of them
 * another, `longestThought` milliseconds at most.
 */
export function startTraffic(
  kapu: TestKapu,
  service: RelyingParty,
  count: number,
  every: number,
  longestThought = 0,
): Traffic {
  const started = performance.now();
  const traffic: Traffic = { begun: 0, endings: [], slowest: 0, finished: Promise.resolve() };
  const timed = async <T>(answer: Promise<T>): Promise<T> => {
    const asked = performance.now();
    try {
      return await answer;
    } finally {
      traffic.slowest = Math.max(traffic.slowest, performance.now() - asked);
    }
  };
  const one = async (_: unknown, n: number) => {
    await until(started + n * every);
    traffic.begun += 1;
    // 37 has no divisor in common with 100: all thoughts from none to the longest, in no order.
    const thought = (((n * 37) % 100) / 100) * longestThought;
    const think = () => until(performance.now() + thought);
    traffic.endings.push(await attempt(kapu, service, n % 3 === 0, timed, think));
  };
  traffic.finished = Promise.all(Array.from({ length: count }, one)).then(() => {});
  traffic.finished.catch(() => {}); // met by whoever waits for the end
  return traffic;
}

/** How a handful of sign-ins end now. */
export async function tried(kapu: TestKapu, service: RelyingParty): Promise<Record<Ending['outcome'], number>> {
  const { endings, finished } = startTraffic(kapu, service, 6, 0);
  await finished;
  return endingsOf(endings);
}

export function endingsOf(endings: Ending[]): Record<Ending['outcome'], number> {
  const count = (outcome: Ending['outcome']) => endings.filter((ending) => ending.outcome === outcome).length;
  return { well: count('well'), told: count('told'), again: count('again') };
}

type Timed = <T>(answer: Promise<T>) => Promise<T>;

async function attempt(
  kapu: TestKapu,
  service: RelyingParty,
  plus: boolean,
  timed: Timed,
  think: () => Promise<void>,
): Promise<Ending> {
  const agent = kapu.agent();
  const { url, redeem } = await service.ask(plus ? { acr_values: 'plus' } : {});
  let page = await timed(agent.get(url));
  for (let step = stepOf(page); step !== 'service'; step = stepOf(page)) {
    const ending = endingOf(page);
    if (ending) return ending;
    await think();
    // The mail may have failed with Redis; a person would ask for another one.
    const code = step === 'email-code' ? await kapu.codeFor(page).catch(() => undefined) : undefined;
    if (step === 'email-code' && !code) return { outcome: 'again', what: 'no mail' };
    page = await timed(agent.submit(page, code ? { code } : credentials('anna')));
  }
  const error = page.url.searchParams.get('error');
  if (error === 'temporarily_unavailable') return { outcome: 'told' };
  if (error) throw new Error(`the service was told ${error}: ${page.url.search}`);
  try {
    const { claims } = await timed(redeem(page.url));
    if (claims.acr !== (plus ? 'plus' : 'basic')) throw new Error(`the token says ${claims.acr}`);
    return { outcome: 'well', agent, asked: { url, redeem }, callback: page.url, plus };
  } catch (fault) {
    const { cause, error } = fault as { cause?: unknown; error?: string };
    if (error === 'invalid_grant') return { outcome: 'again', what: 'the code is gone' };
    if (!(cause instanceof Response) || cause.status !== 503) throw fault;
    if (!cause.headers.get('retry-after') || !(await cause.text()).includes('"temporarily_unavailable"')) throw fault;
    return { outcome: 'told' };
  }
}

/** How a page ends a sign-in; undefined when it goes on. */
function endingOf(page: Page): Ending | undefined {
  if (page.status === 200) return undefined;
  const said = `${page.status} ${page.url.pathname}: ${textOf(page).slice(0, 300)}`;
  if (page.status === 503) {
    if (!page.headers.get('retry-after') || !/Try again/.test(said)) throw new Error(`a 503 without a way on: ${said}`);
    return { outcome: 'told' };
  }
  if ([400, 410].includes(page.status) && /[Ss]tart(ing)? (signing in|again)/.test(said))
    return { outcome: 'again', what: said };
  throw new Error(`an answer that nobody understands: ${said}`);
}

/** How many of the sign-ins that ended well would end well once more with the same code: none should. */
export async function redeemableAgain(endings: Ending[]): Promise<number> {
  let again = 0;
  for (const ending of endings) {
    if (ending.outcome !== 'well') continue;
    again += await ending.asked.redeem(ending.callback).then(
      () => 1,
      () => 0,
    );
  }
  return again;
}

/** How many of `agents` are signed in. */
export async function signedIn(service: RelyingParty, agents: Agent[]): Promise<number> {
  const found = await Promise.all(agents.map((agent) => silently(service, agent)));
  return found.filter((what) => typeof what !== 'string').length;
}

async function until(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
