/**
 * State in this process's memory: the embedded default, for one process. JavaScript runs each verb to its end before
 * the next, so every verb is one step by itself. What has expired is never seen, and is swept out now and then, so
 * that memory follows what is alive. This file knows nothing of what callers keep.
 */

import { checkAmount, checkFields, checkLife, checkLimits, checkNames, checkTime, checkTtl } from './arguments.ts';
import { type Document, type Guess, type Spend, type State, StateUnavailable } from './state.ts';

type Held =
  | { kind: 'document'; value: string; consumedAt?: number }
  | { kind: 'record'; fields: Map<string, string> }
  | { kind: 'closed' }
  | { kind: 'counts'; counts: Map<string, number> }
  /** `secrets`: each with its own end, in milliseconds since 1970. */
  | { kind: 'secrets'; guesses: number; secrets: Map<string, number> };
type Kind = Held['kind'];
type Entry = Held & { expiresAt: number };

export interface MemoryState extends State {
  /** How many keys memory is spent on, expired ones included until they are swept. */
  size(): number;
}

/** State in memory, by the clock `now`. Expired keys are dropped when they are met, and all of them every `sweepEvery` milliseconds. */
export function createMemoryState({ now, sweepEvery = 10_000 }: { now: () => Date; sweepEvery?: number }): MemoryState {
  const entries = new Map<string, Entry>();
  let ended = false;

  const sweeper = setInterval(() => {
    const time = now().getTime();
    for (const [key, entry] of entries) if (entry.expiresAt <= time) entries.delete(key);
  }, sweepEvery).unref();

  /** The time of this step, in milliseconds; every verb asks once, and none is answered after the end. */
  function step(): number {
    if (ended) throw new StateUnavailable('the state store has been closed');
    return now().getTime();
  }

  /** What `key` holds at `time`, if anything. A key holds one kind of thing; asking it for another is the caller's fault. */
  function held<K extends Kind>(key: string, time: number, ...kinds: K[]): Extract<Entry, { kind: K }> | undefined {
    const entry = entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt <= time) {
      entries.delete(key);
      return undefined;
    }
    if (!(kinds as Kind[]).includes(entry.kind))
      throw new Error(`key holds a ${entry.kind}, not a ${kinds.join(' or ')}`);
    return entry as Extract<Entry, { kind: K }>;
  }

  function hold(key: string, what: Held, expiresAt: number): void {
    entries.set(key, { ...what, expiresAt });
  }

  return {
    async put(key, value, ttl) {
      checkTtl(ttl);
      hold(key, { kind: 'document', value }, step() + ttl * 1000);
    },

    async add(key, value, ttl) {
      checkTtl(ttl);
      const time = step();
      if (held(key, time, 'document')) return false;
      hold(key, { kind: 'document', value }, time + ttl * 1000);
      return true;
    },

    async get(key) {
      return document(held(key, step(), 'document'));
    },

    async consume(key, at) {
      const consumedAt = checkTime(at);
      const entry = held(key, step(), 'document');
      if (!entry) return 'missing';
      if (entry.consumedAt !== undefined) return 'already';
      entry.consumedAt = consumedAt;
      return 'consumed';
    },

    async take(key) {
      const entry = held(key, step(), 'document');
      entries.delete(key);
      return document(entry);
    },

    async remove(key) {
      step();
      entries.delete(key);
    },

    async merge(key, fields, greatest, ttl) {
      checkTtl(ttl);
      checkFields(fields, greatest);
      const time = step();
      const entry = held(key, time, 'record', 'closed');
      if (entry?.kind === 'closed') return false;
      const record = entry?.fields ?? new Map<string, string>();
      for (const [name, value] of Object.entries(fields)) record.set(name, value);
      for (const [name, value] of Object.entries(greatest)) {
        if (Number(value) > integer(record.get(name))) record.set(name, value);
      }
      if (record.size > 0) hold(key, { kind: 'record', fields: record }, time + ttl * 1000);
      return true;
    },

    async begin(key, field, fields, ttl) {
      checkTtl(ttl);
      const begun = { [field]: '', ...fields };
      checkFields(begun, {});
      const time = step();
      const entry = held(key, time, 'record', 'closed');
      if (entry?.kind === 'closed') return {};
      if (entry?.fields.has(field)) return Object.fromEntries(entry.fields);
      const record = new Map([...(entry?.fields ?? []), ...Object.entries(begun)]);
      hold(key, { kind: 'record', fields: record }, time + ttl * 1000);
      return undefined;
    },

    async fields(key) {
      const entry = held(key, step(), 'record', 'closed');
      return entry?.kind === 'record' ? Object.fromEntries(entry.fields) : undefined;
    },

    async close(key, ttl) {
      checkTtl(ttl);
      hold(key, { kind: 'closed' }, step() + ttl * 1000);
    },

    async spend(key, limits, ttl, amount = 1): Promise<Spend> {
      checkTtl(ttl);
      checkLimits(limits);
      checkAmount(amount, 0);
      const time = step();
      const entry = held(key, time, 'counts');
      const counts = entry?.counts ?? new Map<string, number>();
      const wait = entry ? Math.ceil((entry.expiresAt - time) / 1000) : ttl;
      const over = Object.entries(limits).find(([name, limit]) => {
        const count = counts.get(name) ?? 0;
        if (count + Math.max(1, amount) > limit) return true;
        if (amount > 0) counts.set(name, count + amount);
        return false;
      });
      if (!entry && counts.size > 0) hold(key, { kind: 'counts', counts }, time + ttl * 1000);
      return over ? { outcome: 'over', name: over[0], wait } : { outcome: 'counted' };
    },

    async refund(key, names, amount = 1) {
      checkNames(names);
      checkAmount(amount, 1);
      const counts = held(key, step(), 'counts')?.counts;
      if (!counts) return;
      for (const name of names) {
        const count = counts.get(name) ?? 0;
        if (count > amount) counts.set(name, count - amount);
        else counts.delete(name);
      }
      if (counts.size === 0) entries.delete(key);
    },

    async offer(key, secret, ttl, life) {
      checkLife(ttl, life);
      const time = step();
      const { guesses, secrets } = held(key, time, 'secrets') ?? { guesses: 0, secrets: new Map<string, number>() };
      for (const [known, end] of secrets) if (end <= time) secrets.delete(known);
      secrets.set(secret, Math.max(time + ttl * 1000, secrets.get(secret) ?? 0));
      hold(key, { kind: 'secrets', guesses, secrets }, time + life * 1000);
    },

    async guess(key, secret, limit): Promise<Guess> {
      const time = step();
      const entry = held(key, time, 'secrets');
      if (!entry || Math.max(...entry.secrets.values()) <= time) return { outcome: 'none' };
      if (entry.guesses >= limit) return { outcome: 'spent' };
      entry.guesses += 1;
      if ((entry.secrets.get(secret) ?? 0) <= time) return { outcome: 'wrong', left: limit - entry.guesses };
      entries.delete(key);
      return { outcome: 'right', wrong: entry.guesses - 1 };
    },

    async ready() {
      return !ended;
    },

    async end() {
      ended = true;
      clearInterval(sweeper);
      entries.clear();
    },

    size: () => entries.size,
  };
}

function document(entry: Extract<Held, { kind: 'document' }> | undefined): Document | undefined {
  if (!entry) return undefined;
  const { value, consumedAt } = entry;
  return consumedAt === undefined ? { value } : { value, consumedAt: new Date(consumedAt) };
}

/** The number that a field holds; less than every number when it holds none. */
function integer(value: string | undefined): number {
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : Number.NEGATIVE_INFINITY;
}
