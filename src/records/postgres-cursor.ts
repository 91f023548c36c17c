/**
 * Reading a long answer piece by piece, by a cursor of the server's (DECLARE and FETCH), so that neither this process nor
 * the driver ever holds more than a piece. Only inside a transaction, one at a time.
 */

import type { PostgresCursor } from 'kysely';

/** Asks one statement of the connection that the transaction is on. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<{ rows: unknown[] }>;

/** A cursor as Kysely makes it; it learns its connection afterwards, by `on`. */
export class Cursor<Row> implements PostgresCursor<Row> {
  readonly #text: string;
  readonly #values: readonly unknown[];
  #ask: Ask | undefined;
  #declared = false;

  constructor(text: string, values: readonly unknown[]) {
    this.#text = text;
    this.#values = values;
  }

  on(ask: Ask): this {
    this.#ask = ask;
    return this;
  }

  async read(count: number): Promise<Row[]> {
    if (!this.#declared) await this.#ask!(`declare rows_of_kapu no scroll cursor for ${this.#text}`, this.#values);
    this.#declared = true;
    return (await this.#ask!(`fetch ${count} from rows_of_kapu`, [])).rows as Row[];
  }

  async close(): Promise<void> {
    // After a fault the transaction refuses everything, and ends the cursor with itself.
    if (this.#declared) await this.#ask!('close rows_of_kapu', []).catch(() => {});
  }
}
