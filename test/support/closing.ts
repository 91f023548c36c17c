/** What a test has started is ended after it, also when it fails. */

import { afterEach } from '@jest/globals';

/** Call it once a file; what the function that it gives is called with is called after the test, the last first. */
export function closing(): (close: () => unknown) => void {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    const faults: unknown[] = [];
    for (const close of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  });
  return (close) => void closers.push(close);
}
