/**
 * Whether the keys have changed, looked up now and then: network mounts tell nobody of a change, and a whole file of keys costs
 * nothing to read, so that no time stamp has to be believed. What cannot be used changes nothing; it is reported until
 * it is mended.
 */

import { hash } from 'node:crypto';
import type { SigningKey } from './life.ts';

export interface KeyWatch {
  /** Looks now; resolves when it has looked. Never rejects. */
  look(): Promise<void>;
  /** Looks every `seconds` from now on, for as long as the process has something else to do. */
  start(seconds: number): void;
  end(): void;
}

export interface KeyWatchEffects {
  read(): Promise<readonly SigningKey[]>;
  /** Takes changed keys into use. Throws where that cannot be done. */
  use(keys: readonly SigningKey[]): void | Promise<void>;
  /** Called at each failure; `again` when it is the same as at the last look. */
  failed(fault: Error, again: boolean): void;
  /** Called when keys have been taken into use, and when what could not be used is as before it changed. */
  used(): void;
}

/** Watches for keys other than `first`. */
export function watchKeys(first: readonly SigningKey[], { read, use, failed, used }: KeyWatchEffects): KeyWatch {
  // Not the keys themselves: these hold private parts once more.
  let known = digest(first);
  let fault: string | undefined;
  let looking = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    try {
      const keys = await read();
      const found = digest(keys);
      if (found !== known) await use(keys);
      else if (fault === undefined) return;
      known = found;
      fault = undefined;
      used();
    } catch (thrown) {
      const error = thrown as Error;
      failed(error, error.message === fault);
      fault = error.message;
    }
  }

  const watch: KeyWatch = {
    // One after the other, so that an older reading never takes the place of a newer.
    look: () => {
      looking = looking.then(look);
      return looking;
    },
    start(seconds) {
      timer = setInterval(() => void watch.look(), seconds * 1000);
      timer.unref();
    },
    end: () => clearInterval(timer),
  };
  return watch;
}

function digest(keys: readonly SigningKey[]): string {
  return hash('sha256', JSON.stringify(keys));
}
