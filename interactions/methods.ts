/** The sign-in methods of this server: one line each. What each needs is handed in by src/compose.ts. */

import type { Method, MethodFacts, MethodParts } from './method.ts';
import { createEmailCode, emailCode } from './methods/email-code/email-code.ts';
import { createPasskey, passkey } from './methods/passkey/passkey.ts';
import { createPassword, password } from './methods/password/password.ts';
import { createRecoveryCode, recoveryCode } from './methods/recovery-code/recovery-code.ts';
import { createTotp, totp } from './methods/totp/totp.ts';

const all: { facts: MethodFacts; create: (parts: MethodParts) => Method }[] = [
  { facts: password, create: createPassword },
  { facts: emailCode, create: createEmailCode },
  { facts: totp, create: createTotp },
  { facts: passkey, create: createPasskey },
  { facts: recoveryCode, create: createRecoveryCode },
];

/** What can be said of them without a server. */
export const methodFacts: readonly MethodFacts[] = all.map(({ facts }) => facts);

/** Every method, ready to be mounted; which of them are switched off is the caller's to know. */
export function createMethods(parts: MethodParts): Method[] {
  return all.map(({ create }) => create(parts));
}
