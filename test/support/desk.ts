/** A desk check, by the command that operators run: what the owner is handed there. */

import { createActivationCodes } from '../../interactions/activate/code.ts';
import { methodFacts } from '../../interactions/methods.ts';
import { codeOf } from '../../interactions/printed-code.ts';
import { deskCheck } from '../../src/commands/recovery.ts';
import { accountPath } from '../../src/oidc/interaction-path.ts';
import { createVault } from '../../src/vault.ts';
import type { TestKapu } from './kapu.ts';
import { seen } from './secrets.ts';

/** Has an operator see the owner of `username`, and gives the code of the letter that is handed over. */
export async function seenAtDesk({ records, settings }: TestKapu, username: string, now: () => Date): Promise<string> {
  const { secrets, recovery, deployment, issuer } = settings;
  let letter = '';
  const life = recovery.codeLife;
  await deskCheck(
    username,
    { operator: 'Nagy Júlia', letter: 'letter.html' },
    {
      records,
      codes: createActivationCodes({ keys: secrets.credentialKeys, life, now }),
      vault: createVault(secrets.credentialKeys),
      letterFacts: { deployment, startAt: `${issuer}${accountPath}`, life, now },
      async newFile(_, content) {
        letter = content;
      },
      rules: recovery,
      stopRules: { hold: recovery.hold, own: methodFacts.filter(({ proves }) => proves === 'own') },
      titles: () => undefined,
      terminal: { out() {}, err() {}, read: async () => '' },
      now,
    },
  );
  const [, shown] = /<dd>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})<\/dd>/.exec(letter) ?? [];
  if (!shown) throw new Error(`no letter to ${username}`);
  const code = codeOf(shown)!;
  for (const text of [code, shown]) seen.add('recovery code', text);
  return code;
}
