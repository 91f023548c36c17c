/** The sign-in methods of this server: one line each. What each needs is handed in by src/compose.ts. */

import type { Method } from './method.ts';
import { createEmailCode, type EmailCodeOptions } from './methods/email-code/email-code.ts';
import { createPassword, type PasswordOptions } from './methods/password/password.ts';

export function createMethods(options: PasswordOptions & EmailCodeOptions): Method[] {
  return [createPassword(options), createEmailCode(options)];
}
