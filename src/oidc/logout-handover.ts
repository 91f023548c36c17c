/**
 * What processes share of telling services: that a session's end is told to a service by one notice only, and what one process
 * leaves to the others when it ends.
 */

import type { State } from '../state/state.ts';
import { keyOf } from './adapter.ts';
import type { Attempted } from './logout-delivery.ts';
import type { Notice } from './logout-notices.ts';

/** Seconds after which nobody tells of a sign-out any more: what a service still has of the session has ended by itself. */
const life = 3600;
const leftKey = 'logout-left';

export interface Handover {
  /** True for the first notice of a session's end for a service, however often it asks. */
  claim(notice: Notice): Promise<boolean>;
  leave(left: readonly Attempted[]): Promise<boolean>;
  /** What others have left; each to one caller only. */
  take(): Promise<Attempted[]>;
}

/** The handover in `state`. */
export function createHandover(state: Pick<State, 'add' | 'get' | 'merge' | 'fields'>, now: () => Date): Handover {
  return {
    async claim({ id, sid }) {
      const key = keyOf('logout', sid);
      return (await state.add(key, id, life)) || (await state.get(key))?.value === id;
    },
    async leave(left) {
      const at = now().getTime();
      const fields = left.map(({ notice, tries }) => [notice.id, JSON.stringify({ notice, tries, at })]);
      return state.merge(leftKey, Object.fromEntries(fields), {}, life);
    },
    async take() {
      const fields = (await state.fields(leftKey)) ?? {};
      const taken: Attempted[] = [];
      for (const text of Object.values(fields)) {
        const { notice, tries, at } = JSON.parse(text) as Attempted & { at: number };
        const isFresh = now().getTime() - at < life * 1000;
        // Remembered for longer than it stays fresh, because the record lives on while others are added to it.
        if (isFresh && (await state.add(`logout-taken:${notice.id}`, '', 2 * life))) taken.push({ notice, tries });
      }
      return taken;
    },
  };
}
