/**
 * Choosing a new password: the part of a page that asks for it, and what becomes of what was typed. Sign-up, reset and change
 * all ask by it, so that the rules are the same everywhere. It judges and hashes; whose password it becomes, and who may set
 * it, is for the page around it to know.
 */

import type { Context } from 'koa';
import type { Passwords } from '../../src/passwords/passwords.ts';
import type { Chooser, NewPasswords } from '../../src/passwords/rules.ts';
import type { Locale } from '../../src/records/records.ts';
import type { Throttle } from '../../src/throttle/throttle.ts';
import { field } from '../form.ts';
import type { PagePart, Problem } from '../pages/render.ts';
import { template } from '../pages/template.ts';
import { score, texts, wordsFor } from './texts.ts';

/** Who chooses. */
export interface Choosing {
  locale: Locale;
  /** As budgets count it. */
  origin: string;
  /** What one person's tries are counted by: a visit or an account. */
  key: string;
  /** What is known of the person; it belongs into no password. */
  chooser: Chooser;
}

/** What the fields say of what was sent. */
export interface Said {
  problems: Problem[];
  /** 0 to 4. */
  score?: number;
  /** Of the strength, in words. */
  words?: string;
}

export type Choice =
  /** `hash` is ready to be kept. */
  | { outcome: 'chosen'; hash: string }
  /** The page is to be shown again, with `said` in its fields and among its problems. `retryAfter` is in seconds. */
  | { outcome: 'asked-again'; said: Said; status: number; retryAfter?: number };

/** The part of a page: its HTML is made with the shared parts that the page's template has. */
export interface Fields {
  /** The fields `new-password` and `repeat`, and the meter. */
  fields(part: PagePart): string;
  /** The button `check`, which shows the strength where no script runs. It stands after the one that goes on. */
  button(part: PagePart): string;
}

export interface NewPasswordForm {
  /** Judges what the page's form sent and, where it will do, hashes it. */
  choose(ctx: Context, choosing: Choosing): Promise<Choice>;
  /** Answers the page's script, which sends what has been typed so far: `{ score?, words }`; no words where nobody is to choose any more. */
  tell(ctx: Context, choosing: Choosing | undefined): Promise<void>;
  /** What a page's template prints. `askAt` is where the script asks; the page has to run `script`. */
  part(locale: Locale, askAt: string, said?: Said): Fields;
}

/** The asset that a page with these fields runs. */
export const script = 'new-password.js';

export interface NewPasswordOptions {
  newPasswords: NewPasswords;
  passwords: Passwords;
  throttle: Throttle;
  leastLength: number;
}

/** Judging takes a moment of a core each time: seconds, and how often one person and one origin may have it done meanwhile. */
const [window, perPerson, perOrigin] = [900, 120, 2_000];

const fieldsOf = template(new URL('./fields.ejs', import.meta.url));

/** The form of a deployment, which judges and hashes what is chosen. It throws StateUnavailable, where what it may do is counted. */
export function createNewPasswordForm(options: NewPasswordOptions): NewPasswordForm {
  const { newPasswords, passwords, throttle, leastLength } = options;

  /** Seconds to wait; undefined where it may be judged. */
  async function mustWait({ origin, key }: Choosing): Promise<number | undefined> {
    const budgets = [
      { of: '', limit: perOrigin },
      { of: key, limit: perPerson },
    ];
    const spending = await throttle.spend({ name: 'new-password', key: origin, window, budgets });
    return spending.outcome === 'refused' ? spending.retryAfter : undefined;
  }

  async function judge(typed: string, { chooser, locale }: Choosing): Promise<Said> {
    const judgement = await newPasswords.judge(typed, chooser);
    if (judgement.outcome === 'accepted') {
      const { score: reached } = judgement.strength;
      return { problems: [], score: reached, words: score(locale, reached) };
    }
    const words = judgement.reasons.map((reason) => wordsFor(locale, reason));
    return { problems: words.map((text) => problem(text, words.join(' '))), words: words.join(' ') };
  }

  return {
    async choose(ctx, choosing) {
      const t = texts[choosing.locale];
      const typed = field(ctx, 'new-password') ?? '';
      const again = (said: Said, status = 422, retryAfter?: number): Choice => ({
        outcome: 'asked-again',
        said,
        status,
        retryAfter,
      });
      if (typed === '') return again({ problems: [problem(t.missing)] });
      const wait = await mustWait(choosing);
      if (wait !== undefined) return again({ problems: [{ text: t.tooMany }] }, 429, wait);
      const said = await judge(typed, choosing);
      if (field(ctx, 'check') !== undefined) return again(said, said.problems.length > 0 ? 422 : 200);
      if (said.problems.length > 0) return again(said);
      if (field(ctx, 'repeat') !== typed)
        return again({ ...said, problems: [{ text: t.different, field: 'repeat', atField: t.different }] });
      const made = await passwords.hash(typed);
      if (made.outcome === 'busy') return again({ problems: [{ text: t.busy }] }, 503, made.retryAfter);
      return { outcome: 'chosen', hash: made.hash };
    },

    async tell(ctx, choosing) {
      ctx.set('cache-control', 'no-store');
      const typed = field(ctx, 'new-password') ?? '';
      // Where nothing may be judged any more, the page goes on without being told.
      if (!choosing || typed === '' || (await mustWait(choosing)) !== undefined) ctx.body = { words: '' };
      else {
        const { score: reached, words } = await judge(typed, choosing);
        ctx.body = { score: reached, words };
      }
    },

    part(locale, askAt, said = { problems: [] }) {
      const t = texts[locale];
      // What is wrong stands at the field, and is not said again below it.
      const words = said.problems.some((each) => each.field === 'new-password') ? '' : (said.words ?? '');
      const model = { askAt, score: said.score, words, leastLength };
      return {
        fields: (part) => fieldsOf({ t, model, part }),
        button: (part) => part.button({ label: t.check, look: 'tertiary', name: 'check' }),
      };
    },
  };
}

/** `all`: what stands at the field itself, where there is more than this. */
function problem(text: string, all = text): Problem {
  return { text, field: 'new-password', atField: all };
}
