/** What the parts of the contract suite work with. */

import type { State } from '../../../src/state/state.ts';

/** What a store brings to be tried. */
export interface Harness {
  /** Stores that see the same keys, as several processes do; at least one. */
  peers: State[];
  /** Lets `seconds` pass for everything kept. */
  elapse(seconds: number): Promise<void>;
  /** One more store, for a test that ends it. */
  another(): Promise<State>;
  end(): Promise<void>;
}

export interface Suite {
  name: string;
  readonly state: State;
  elapse(seconds: number): Promise<void>;
  /** A key that no test has used. */
  newKey(): string;
  /** `times` calls at once, spread over the peers. */
  atOnce<T>(times: number, call: (peer: State, index: number) => Promise<T>): Promise<T[]>;
}
