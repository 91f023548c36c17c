/** `kapu keys …`: the signing keys from their first day to their last. */

import type { OperatorsAct } from '../audit/events.ts';
import {
  addKey,
  generateKey,
  type KeyAlgorithm,
  keyAlgorithms,
  missingAlgorithms,
  promote,
  retire,
  type SigningKey,
} from '../oidc/key-life.ts';
import { changeKeys, readKeys } from '../oidc/keys.ts';
import { Refused, type Terminal, table } from './command.ts';

export interface KeysEffects {
  /** The keys file. */
  file: string;
  /** Writes the act down, before it is done, where there are records to write it to. */
  audit: (event: OperatorsAct, kid: string) => Promise<void>;
  terminal: Terminal;
  now: () => Date;
}

/** Makes a key for each of `algorithms`; with `ifMissing` only where none signs yet, so that it can run at every deployment. */
export async function addKeys(
  algorithms: readonly string[],
  { ifMissing }: { ifMissing?: boolean },
  { file, terminal, now, audit }: KeysEffects,
): Promise<void> {
  const wanted = algorithms.map(algorithmOf);
  const added: SigningKey[] = [];
  const all = await changeKeys(file, async (keys) => {
    let changed = keys;
    for (const alg of ifMissing ? missingAlgorithms(keys, wanted) : wanted) {
      const key = await generateKey(alg, now());
      added.push(key);
      changed = addKey(changed, key, now());
      await audit('keys.added', key.kid);
    }
    return changed;
  });
  for (const { kid, alg } of added) {
    const signs = all.find((key) => key.kid === kid)?.kapu.status === 'signing';
    terminal.out(`key ${kid} (${alg}) added: ${signs ? 'it signs' : 'it is published, and waits to be promoted'}`);
  }
  if (added.length === 0) terminal.out('nothing added: every algorithm has a key that signs');
  else terminal.err('restart the servers one after the other, so that they publish it');
}

/** Lets a key sign; the one that signed goes on being published. */
export async function promoteKey(
  kid: string,
  { force }: { force?: boolean },
  { file, terminal, now, audit }: KeysEffects,
): Promise<void> {
  await changeExisting(file, async (keys) => {
    const changed = promote(keys, kid, now(), force);
    await audit('keys.promoted', kid);
    return changed;
  });
  terminal.out(`key ${kid} signs from the next start on`);
}

/** Takes a key away that has not signed for `keepFor` seconds. */
export async function retireKey(
  kid: string,
  { force }: { force?: boolean },
  keepFor: number,
  { file, terminal, now, audit }: KeysEffects,
): Promise<void> {
  await changeExisting(file, async (keys) => {
    const changed = retire(keys, kid, keepFor, now(), force);
    await audit('keys.retired', kid);
    return changed;
  });
  terminal.out(`key ${kid} is gone from the next start on`);
}

/** Prints all keys, with what each is there for and since when. */
export async function listKeys({ file, terminal }: Pick<KeysEffects, 'file' | 'terminal'>): Promise<void> {
  const rows = (await readKeys(file)).map(({ kid, alg, kapu }) => {
    const since = { next: kapu.addedAt, signing: kapu.promotedAt, retiring: kapu.retiringAt }[kapu.status];
    return [kid, alg, kapu.status, since ?? '-'];
  });
  terminal.out(table([['KEY', 'ALGORITHM', 'STATUS', 'SINCE'], ...rows]));
}

/** Like changeKeys, which takes a missing file for an empty set; here it is refused by its name. */
async function changeExisting(file: string, change: (keys: SigningKey[]) => Promise<SigningKey[]>): Promise<void> {
  await readKeys(file);
  await changeKeys(file, change);
}

function algorithmOf(text: string): KeyAlgorithm {
  const found = keyAlgorithms.find((alg) => alg === text);
  if (!found) throw new Refused(`there is no algorithm '${text}' here`, `known: ${keyAlgorithms.join(', ')}`);
  return found;
}
