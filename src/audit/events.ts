/**
 * The inventory of what is written down (ASVS 16.1.1): each event, when it is written, and what its detail holds. Types and the
 * operator's guide come from here, so that nothing is written that does not stand here. Every entry also has its time (UTC);
 * one of a request has the request's reference and origin, and the account and client as far as they are known.
 */

/** `METHOD` stands for the name of a sign-in method, which the entry's event begins with in its place. */
export const events = {
  'sign-in.completed': {
    when: 'somebody has proven what a service asks for, before the service hears of it',
    detail: { acr: 'the level', methods: 'the methods that it stands on' },
  },
  'session.began': {
    when: 'somebody is signed in in a browser where nobody was, with the first sign-in there',
    detail: { session: 'which', browser: 'of what make, if known', system: 'on what, if known' },
  },
  'session.ended': { when: 'somebody ends a session of theirs from another one', detail: { session: 'which' } },
  'session.all-ended': { when: 'somebody signs themselves out everywhere', detail: {} },
  'service.revoked': { when: 'somebody takes back what a service was given', detail: {} },
  'sign-in.silent': {
    when: 'a service gets a code and nothing has to be proven, because what was proven earlier is enough',
    detail: { acr: 'the level', amr: 'how it was reached' },
  },
  'sign-in.cancelled': { when: 'somebody gives a sign-in up, or allows a service nothing', detail: {} },
  'sign-in.unmet': { when: 'what a service asks for cannot be reached, or is given up', detail: {} },
  'METHOD.passed': { when: 'a method has proven who somebody is', detail: { method: 'which' } },
  'METHOD.refused': {
    when: 'a proof is refused; where a budget is used up, once in a quarter of an hour for an origin and account',
    detail: { method: 'which', reason: 'why' },
  },
  'METHOD.added': { when: 'somebody sets a method of their own up', detail: { method: 'which' } },
  'METHOD.renamed': { when: 'somebody gives something of a method of theirs a name', detail: { method: 'which' } },
  'METHOD.removed': {
    when: 'somebody takes a method of their own away, or one of several',
    detail: { method: 'which' },
  },
  'mail.sent': {
    when: 'a mail server has taken a code',
    detail: { mail: 'the reference that mail and page share', transport: 'which mail server' },
  },
  'mail.failed': {
    when: 'no mail server has taken a code',
    detail: { mail: 'the reference that mail and page share', reason: 'why' },
  },
  'notice.sent': {
    when: 'a mail server has taken a notice',
    detail: { kind: 'of what, as the settings name it', transport: 'which mail server' },
  },
  'notice.failed': {
    when: 'a notice is given up: its address is refused, or no mail server has taken it for a day',
    detail: { kind: 'of what, as the settings name it', reason: 'why' },
  },
  'consent.given': { when: 'somebody allows a service something', detail: { scopes: 'what' } },
  'token.issued': {
    when: 'a service gets tokens, at its first request and at each refresh',
    detail: {
      grant: 'the grant type of the request',
      scope: 'for what',
      authorization: 'which, where it is a person’s',
    },
  },
  'token.replayed': {
    when: 'a code or token that was used up comes again, and its grant has been revoked; once in a quarter of an hour for an account and service',
    detail: { kind: 'what it was' },
  },
  'sign-out.completed': { when: 'somebody has signed out', detail: {} },
  'logout.told': {
    when: 'a service has been told of a sign-out',
    detail: { tries: 'how often it was tried' },
  },
  'logout.failed': {
    when: 'a service could not be told of a sign-out, and is not told any more',
    detail: { tries: 'how often it was tried', reason: 'why' },
  },
  'reset.asked': { when: 'somebody asks for a code to set a new password with', detail: {} },
  'password.reset': { when: 'a new password is set with a code from the mailbox', detail: {} },
  'account.signed-up': { when: 'somebody has made an account of their own', detail: {} },
  'account.activated': {
    when: 'a new password is set with a code from an operator',
    detail: { handing: 'how the code was handed over: by mail, which holds the account, or by letter' },
  },
  'account.reported': {
    when: 'somebody says that it was not them: sessions end, the mailbox counts for nothing, a changed address goes back',
    detail: { said: 'where: a notice, or their own pages' },
  },
  'password.changed': { when: 'somebody who is signed in changes their password', detail: {} },
  'address.changed': {
    when: 'somebody who is signed in changes their e-mail address',
    detail: { held: 'whether codes by mail count for nothing for some time' },
  },
  'notice-address.added': { when: 'somebody adds a second address for notices', detail: {} },
  'notice-address.removed': { when: 'somebody takes it away', detail: {} },
  'hold.ended': {
    when: 'somebody has proven the password and something of their own, so that the mailbox counts again',
    detail: { method: 'the method that was proven last' },
  },
  'account.downloaded': { when: 'somebody downloads their own data', detail: {} },
  'account.deletion-asked': { when: 'somebody gives their account up', detail: { until: 'when it ends' } },
  'account.deletion-taken-back': { when: 'somebody keeps their account after all', detail: {} },
  'account.deleted': { when: 'an account that was given up is removed', detail: {} },
  'account.added': { when: 'an operator adds an account', detail: { by: 'operator' } },
  'accounts.import-started': { when: 'an operator begins to import accounts', detail: { by: 'operator' } },
  'accounts.imported': {
    when: 'an operator has imported accounts, all of which were added since it was begun',
    detail: {
      by: 'operator',
      added: 'how many',
      known: 'rows of accounts that were there already',
      refused: 'rows that could not be accounts',
      sha256: 'of the file',
    },
  },
  'account.enabled': { when: 'an operator lets somebody sign in again', detail: { by: 'operator' } },
  'account.disabled': { when: 'an operator lets somebody sign in no more', detail: { by: 'operator' } },
  'account.sessions-ended': { when: 'an operator signs somebody out everywhere', detail: { by: 'operator' } },
  'account.held': {
    when: 'an operator stops an account: sessions end, the mailbox counts for nothing, a changed address goes back',
    detail: { by: 'operator' },
  },
  'recovery.code-issued': {
    when: 'an operator issues a code with which somebody chooses a new password',
    detail: { by: 'operator', handing: 'by mail or by letter' },
  },
  'method.removed-by-operator': {
    when: 'an operator takes a method away from an account',
    detail: { by: 'operator', method: 'which' },
  },
  'desk-check.recorded': {
    when: 'an operator has seen the owner of an account that is held; with the last one needed the hold and the password end',
    detail: {
      by: 'operator',
      operator: 'the name that they gave',
      address: 'where the owner gets another e-mail address, changed; where they have none, removed',
    },
  },
  'password.set': { when: 'an operator sets a password', detail: { by: 'operator' } },
  'client.added': { when: 'an operator adds a service', detail: { by: 'operator' } },
  'client.changed': { when: 'an operator changes a service', detail: { by: 'operator' } },
  'client.removed': { when: 'an operator removes a service', detail: { by: 'operator' } },
  'registration.invited': {
    when: 'an operator invites somebody to register services',
    detail: { by: 'operator', invitation: 'which', uses: 'how many services', until: 'when it ends' },
  },
  'registration.added': { when: 'a service registers itself', detail: { invitation: 'by which invitation' } },
  'registration.changed': { when: 'a service changes its registration', detail: {} },
  'registration.removed': { when: 'a service removes its registration', detail: {} },
  'keys.added': { when: 'an operator adds a signing key', detail: { by: 'operator', kid: 'which' } },
  'keys.promoted': { when: 'an operator lets a key sign', detail: { by: 'operator', kid: 'which' } },
  'keys.retired': { when: 'an operator takes a signing key away', detail: { by: 'operator', kid: 'which' } },
  'keys.reencrypted': {
    when: 'an operator has a private key encrypted anew',
    detail: { by: 'operator', kid: 'which' },
  },
  'records.backup': { when: 'an operator takes a backup', detail: { by: 'operator' } },
  'records.restored': {
    when: 'an operator has restored a backup',
    detail: { by: 'operator', taken: 'when the backup was taken', sha256: 'of its content' },
  },
} as const;

/** The name of an event, as the inventory has it. */
export type EventName = keyof typeof events;

/** What the detail of an event has to hold. */
export type Detail<Event extends EventName> = {
  [Name in keyof (typeof events)[Event]['detail']]: string | number | boolean;
};

/** Events whose source is an operator at a command line. */
export type OperatorsAct = {
  [Event in EventName]: (typeof events)[Event]['detail'] extends { by: 'operator' } ? Event : never;
}[EventName];
