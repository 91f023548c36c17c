/** `kapu keys …`: the signing keys from their first day to their last. */

import type { OperatorsAct } from '../audit/events.ts';
import { encryptedUnder, isEncryptedAsNow } from '../oidc/keys/encryption.ts';
import { changeKeys, readAsWritten } from '../oidc/keys/keys.ts';
import {
  addKey,
  externalKey,
  generateKey,
  type KeyAlgorithm,
  keyAlgorithms,
  missingAlgorithms,
  promote,
  retire,
  type SigningKey,
} from '../oidc/keys/life.ts';
import { proveKey, type Signer } from '../oidc/keys/signer.ts';
import { Refused, type Terminal, table } from './command.ts';

export interface KeysEffects {
  /** The keys file. */
  file: string;
  /** Private parts are written encrypted with the first, and read with any. */
  secrets: readonly string[];
  /** The deployment's signer. Throws Refused where the settings name none. */
  signer: () => Promise<Signer>;
  /** How soon running servers see a change: '30s'. */
  seen: string;
  /** Writes the act down, before it is done, where there are records to write it to. */
  audit: (event: OperatorsAct, kid: string) => Promise<void>;
  terminal: Terminal;
  now: () => Date;
}

export interface AddOptions {
  /** Only where none signs yet, so that it can run at every deployment. */
  ifMissing?: boolean;
  /** The name of a key that the signer has, in the place of a new one. */
  signer?: string;
}

/** Makes a key for each of `algorithms`, or publishes one that the signer has. */
export async function addKeys(
  algorithms: readonly string[],
  { ifMissing, signer: name }: AddOptions,
  { file, secrets, signer, terminal, now, audit, seen }: KeysEffects,
): Promise<void> {
  const wanted = algorithms.map(algorithmOf);
  const make = async (alg: KeyAlgorithm) => {
    if (name === undefined) return generateKey(alg, now());
    const device = await signer();
    const key = await externalKey(alg, name, await device.publicKey(name), now());
    await proveKey(device, key);
    return key;
  };
  const added: SigningKey[] = [];
  const change = async (keys: SigningKey[]) => {
    let changed = keys;
    for (const alg of ifMissing ? missingAlgorithms(keys, wanted) : wanted) {
      const key = await make(alg);
      if (changed.some(({ kid }) => kid === key.kid))
        throw new Refused(`the key ${key.kid} is there`, 'see `kapu keys list`');
      added.push(key);
      changed = addKey(changed, key, now());
      await audit('keys.added', key.kid);
    }
    return changed;
  };
  const all = await changeKeys(file, change, secrets);
  for (const { kid, alg } of added) {
    const signs = all.find((key) => key.kid === kid)?.kapu.status === 'signing';
    terminal.out(`key ${kid} (${alg}) added: ${signs ? 'it signs' : 'it is published, and waits to be promoted'}`);
  }
  if (added.length === 0) terminal.out('nothing added: every algorithm has a key that signs');
  else terminal.err(`running servers see it within ${seen}`);
}

/** Lets a key sign; the one that signed goes on being published. */
export async function promoteKey(kid: string, { force }: { force?: boolean }, effects: KeysEffects): Promise<void> {
  const { terminal, now, audit, signer, seen } = effects;
  await changeExisting(effects, async (keys) => {
    const changed = promote(keys, kid, now(), force);
    const key = keys.find((each) => each.kid === kid)!;
    if (key.kapu.signer !== undefined) await proveKey(await signer(), key);
    await audit('keys.promoted', kid);
    return changed;
  });
  terminal.out(`key ${kid} signs: on every running server within ${seen}`);
}

/** Takes a key away that has not signed for `keepFor` seconds. */
export async function retireKey(
  kid: string,
  { force }: { force?: boolean },
  keepFor: number,
  effects: KeysEffects,
): Promise<void> {
  const { terminal, now, audit, seen } = effects;
  await changeExisting(effects, async (keys) => {
    const changed = retire(keys, kid, keepFor, now(), force);
    await audit('keys.retired', kid);
    return changed;
  });
  terminal.out(`key ${kid} is gone: from every running server within ${seen}`);
}

/** Writes all private keys anew, encrypted with the first secret. Throws Refused where there is none. */
export async function reencryptKeys(effects: KeysEffects): Promise<void> {
  const { secrets, terminal, audit } = effects;
  if (secrets.length === 0) {
    throw new Refused('there is no secret to encrypt keys with', 'set KAPU_KEY_ENCRYPTION_KEYS');
  }
  let count = 0;
  await changeExisting(effects, async (keys) => {
    for (const { kid, d } of keys) {
      if (d === undefined) continue;
      await audit('keys.reencrypted', kid);
      count++;
    }
    return keys;
  });
  terminal.out(`${count} private ${count === 1 ? 'key' : 'keys'} encrypted with the first of keyEncryptionKeys`);
}

/** Prints all keys, with what each is there for and since when, and how its private part is kept. Needs no secret. */
export async function listKeys({ file, secrets, terminal }: KeysEffects): Promise<void> {
  const rows = (await readAsWritten(file)).map((key) => {
    const { kid, alg, kapu } = key;
    const since = { next: kapu.addedAt, signing: kapu.promotedAt, retiring: kapu.retiringAt }[kapu.status];
    return [kid, alg, kapu.status, since ?? '-', keptAs(key, secrets)];
  });
  terminal.out(table([['KEY', 'ALGORITHM', 'STATUS', 'SINCE', 'PRIVATE PART'], ...rows]));
}

function keptAs(key: SigningKey, secrets: readonly string[]): string {
  if (key.kapu.signer !== undefined) return `in the signer: ${key.kapu.signer}`;
  if (encryptedUnder(key) === undefined) return 'clear';
  return isEncryptedAsNow(key, secrets) ? 'encrypted' : 'encrypted, not with the first secret';
}

/** Like changeKeys, which takes a missing file for an empty set; here it is refused by its name. */
async function changeExisting(
  { file, secrets }: KeysEffects,
  change: (keys: SigningKey[]) => Promise<SigningKey[]>,
): Promise<void> {
  await readAsWritten(file);
  await changeKeys(file, change, secrets);
}

function algorithmOf(text: string): KeyAlgorithm {
  const found = keyAlgorithms.find((alg) => alg === text);
  if (!found) throw new Refused(`there is no algorithm '${text}' here`, `known: ${keyAlgorithms.join(', ')}`);
  return found;
}
