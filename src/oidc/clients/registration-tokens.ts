/**
 * The tokens of dynamic registration (RFC 7591, 3; RFC 7592, 2): invitations, which an operator gives to whom may register, and the
 * token that a registered client manages its registration with. Both are signed and kept nowhere, so nothing that is stored could be
 * presented; how often an invitation has been used is counted elsewhere. Pure.
 */

import { createHmac, hkdfSync } from 'node:crypto';
import { isSameText } from '../../same-text.ts';

export interface Invitation {
  id: string;
  /** How many clients it is good for. */
  uses: number;
  until: Date;
}

export interface RegistrationTokens {
  invite(invitation: Invitation): string;
  /** The invitation that `token` is, if it is a good one at `now`. */
  invitationIn(token: string, now: Date): Invitation | undefined;
  /** The token that the client `clientId` manages its registration with. */
  tokenOf(clientId: string): string;
  isTokenOf(token: string, clientId: string): boolean;
}

/** Tokens made from `secret`, one that never changes: clients would lose their registrations with it. */
export function createRegistrationTokens(secret: string): RegistrationTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'kapu registration', 32));
  const mac = (...parts: (string | number)[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
  const invite = ({ id, uses, until }: Invitation) => {
    const end = Math.floor(until.getTime() / 1000);
    return ['invitation', id, uses, end, mac('invitation', id, uses, end)].join('.');
  };
  const tokenOf = (clientId: string) => `registration.${mac('client', clientId)}`;
  return {
    invite,
    invitationIn(token, now) {
      const [, id = '', uses, end] = token.split('.');
      const invitation = { id, uses: Number(uses), until: new Date(Number(end) * 1000) };
      if (!Number.isSafeInteger(invitation.uses) || !Number.isSafeInteger(Number(end))) return undefined;
      return isSameText(token, invite(invitation)) && now < invitation.until ? invitation : undefined;
    },
    tokenOf,
    isTokenOf: (token, clientId) => isSameText(token, tokenOf(clientId)),
  };
}
