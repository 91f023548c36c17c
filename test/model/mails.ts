/** The codes that were mailed in a sequence, and which of them to type. */

import { expect } from '@jest/globals';
import type { Mailbox } from './mailbox.ts';
import type { Model } from './model.ts';
import { type Round, rules } from './round.ts';
import type { Typed } from './steps.ts';

export class Mails {
  readonly #mailbox: Mailbox;
  readonly #model: Model;
  /** What a round's code page and its mails share. */
  readonly #references = new Map<Round, string>();

  constructor(mailbox: Mailbox, model: Model) {
    this.#mailbox = mailbox;
    this.#model = model;
  }

  /** Notes the reference that the code page of this round shows. */
  note(round: Round, reference: string): void {
    this.#references.set(round, reference);
  }

  /** Resolves when every mail that the model knows of has come; fails when there are others. */
  async allCome(): Promise<void> {
    for (const round of this.#references.keys()) await this.#codesOf(round);
  }

  /** Of each mail of the round, whether its code has neither expired nor been used. */
  live(round: Round): boolean[] {
    return round.mails.map(({ at, used }) => !used && this.#model.now < at + rules.mailedCode);
  }

  /** A code to type, and which mail of the round it is from: the newest live one, one that is no good any more, one of another round, or nobody's. */
  async code(round: Round, typed: Typed): Promise<{ code: string; mail?: number }> {
    const mine = await this.#codesOf(round);
    const wanted = this.live(round).lastIndexOf(typed === 'right');
    if ((typed === 'right' || typed === 'old') && wanted >= 0) return { code: mine[wanted]!, mail: wanted };
    const others = typed === 'foreign' ? [...this.#references.keys()].filter((other) => other !== round) : [];
    const foreign = (await Promise.all(others.map((other) => this.#codesOf(other)))).flat();
    const wrong = [...foreign, '000000', '111111', '222222', '333333', '444444', '555555'];
    return { code: wrong.find((code) => !mine.includes(code))! };
  }

  async #codesOf(round: Round): Promise<string[]> {
    const reference = this.#references.get(round);
    if (!reference) return [];
    const codes = await this.#mailbox.codes(reference, round.mails.length);
    expect(codes).toHaveLength(round.mails.length);
    return codes;
  }
}
