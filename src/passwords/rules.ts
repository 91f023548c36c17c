/** The rules for new passwords of a deployment: its settings, the list and the estimator put together. */

import { readFile } from 'node:fs/promises';
import type { Settings } from '../../config/settings.ts';
import { type CommonPasswords, readCommonPasswords } from './common-passwords.ts';
import type { PasswordContext } from './context.ts';
import { type Judgement, judgePassword } from './judge.ts';
import { loadStrength } from './strength.ts';

/** What is known of who chooses a password. */
export type Chooser = Omit<PasswordContext, 'service'>;

export interface NewPasswords {
  /** Judges a password that `chooser` wants. Rejects when the list cannot be read: nothing is accepted unseen. */
  judge(password: string, chooser: Chooser): Promise<Judgement>;
}

type NamedSettings = Pick<Settings, 'mode' | 'password' | 'deployment' | 'issuer'>;

/** The list that comes with Kapu. */
export const shippedList = new URL('common.bin', import.meta.url);

/** The rules of `settings`. List and estimator are loaded at the first password, and kept. */
export function createNewPasswords(settings: NamedSettings): NewPasswords {
  const { leastLength, commonPasswords } = settings.password;
  const list = kept(() => readList(commonPasswords ?? shippedList));
  const strength = kept(loadStrength);
  // The demo's own password, which everyone is to type, is made of its name.
  const service = settings.mode === 'demo' ? [] : namesOf(settings);
  return {
    async judge(password, chooser) {
      const [common, strengthOf] = await Promise.all([list(), strength()]);
      const context = { ...chooser, service };
      return judgePassword(password, { leastLength, context, listed: common.has, strengthOf });
    },
  };
}

/** The list in a file. Throws an error that names the file when there is none in it. */
export async function readList(file: string | URL): Promise<CommonPasswords> {
  try {
    return readCommonPasswords(await readFile(file));
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

/** What the place is called where the password is used: a guesser's first words beside the person's own. */
function namesOf({ deployment, issuer, password }: NamedSettings): string[] {
  const host = new URL(issuer).hostname.split('.');
  const names = [deployment.name.hu, deployment.name.en, deployment.operator.hu, deployment.operator.en];
  return [...names, ...(host.length > 1 ? host.slice(0, -1) : host), ...password.contextWords];
}

/** What `load` gives, loaded at the first call; again at the next where it failed. */
function kept<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((fault: unknown) => {
      loading = undefined;
      throw fault;
    });
    return loading;
  };
}
