/**
 * What processes share of telling services: that a session's end is told to a service by one notice only, and what one process
 * leaves to the others when it ends.
 */

import type { State } from '../../state/state.ts';
import { keyOf } from '../stored/adapter.ts';
import type { Attempted } from './delivery.ts';
import type { Notice } from './notices.ts';

/** Seconds after which nobody tells of a sign-out any more: what a service still has of the session has ended by itself. */
const life = 3600;

/** What is left within one `life` shares a record, so that it ends some time, however often servers are started again. */
const leftIn = (lives: number) => `logout-left:${lives}`;

export interface Handover {
  /** True for the first notice of a session's end for a service, however often it asks. */
  claim(notice: Notice): Promise<boolean>;
  leave(left: readonly Attempted[]): Promise<boolean>;
  /** What others have left; each to one caller only. */
  take(): Promise<Attempted[]>;
}

/** The handover in `state`. */
export function createHandover(state: Pick<State, 'add' | 'get' | 'merge' | 'fields'>, now: () => Date): Handover {
  const livesNow = () => Math.floor(now().getTime() / (life * 1000));
  /** Those that this process has met already, by record. */
  const met = new Map<string, Set<string>>();
  return {
    async claim({ id, sid }) {
      const key = keyOf('logout', sid);
      return (await state.add(key, id, life)) || (await state.get(key))?.value === id;
    },
    async leave(left) {
      const at = now().getTime();
      const fields = left.map(({ notice, tries }) => [notice.id, JSON.stringify({ notice, tries, at })]);
      return state.merge(leftIn(livesNow()), Object.fromEntries(fields), {}, 2 * life);
    },
    async take() {
      const records = [leftIn(livesNow() - 1), leftIn(livesNow())];
      for (const record of met.keys()) if (!records.includes(record)) met.delete(record);
      const taken: Attempted[] = [];
      for (const record of records) {
        const known = met.get(record) ?? new Set();
        met.set(record, known);
        for (const [id, text] of Object.entries((await state.fields(record)) ?? {})) {
          if (known.has(id)) continue;
          const { notice, tries, at } = JSON.parse(text) as Attempted & { at: number };
          const isFresh = now().getTime() - at < life * 1000;
          // Remembered for as long as the record may be read.
          if (isFresh && (await state.add(`logout-taken:${id}`, '', 3 * life))) taken.push({ notice, tries });
          known.add(id);
        }
      }
      return taken;
    },
  };
}
