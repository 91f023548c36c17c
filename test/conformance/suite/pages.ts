/**
 * How the suite's own browser finds its way on Kapu's pages: by addresses, by the names of fields and buttons, and, where it
 * takes a picture for whoever reviews the run, by words of the page. In the suite's form: blocks of tasks, of which a task
 * matches an address and gives commands (`text`, `click`, `wait`).
 */

import { conformancePassword, conformancePeople } from '../../../config/conformance.ts';

export type Command = (string | number)[];

export interface Task {
  task: string;
  match: string;
  optional?: true;
  commands?: Command[];
}

export interface Block {
  comment?: string;
  /** An address; `*` stands for anything. */
  match: string;
  /** How often this block may be used before the next one that matches is. */
  'match-limit'?: number;
  tasks: Task[];
}

export interface Pages {
  browser: Block[];
  /** Other blocks for single modules. */
  override: Record<string, { browser: Block[] }>;
}

/** Takes a picture once the page says `words`, where the module wants one. */
const picture = (words: string): Command => ['wait', 'xpath', '//*', 10, words, 'update-image-placeholder-optional'];

/** The blocks for Kapu at `issuer`, for tests under `alias`. */
export function pages(issuer: string, alias: string): Pages {
  const signIn: Task = {
    task: 'Sign in',
    optional: true,
    match: `${issuer}/interaction/*/password*`,
    commands: [
      picture('Sign in'),
      ['text', 'name', 'username', conformancePeople[0].username],
      ['text', 'name', 'password', conformancePassword],
      ['click', 'css', 'button[data-variant=primary]'],
    ],
  };
  const consent: Task = {
    task: 'Consent',
    optional: true,
    match: `${issuer}/interaction/*/consent*`,
    commands: [['click', 'id', 'allow']],
  };
  const errorPage: Task = {
    task: 'An error page',
    optional: true,
    match: `${issuer}/*`,
    commands: [picture('give this reference')],
  };
  const back: Task = {
    task: 'Back at the suite',
    match: `*/test/a/${alias}/callback*`,
    commands: [['wait', 'id', 'submission_complete', 10]],
  };
  const asking: Block = { match: `${issuer}/auth*`, tasks: [signIn, consent, back] };
  const eitherWay: Block = {
    comment: 'an error page, or the way back to the suite with an error',
    match: `${issuer}/auth*`,
    tasks: [signIn, consent, errorPage, { ...back, optional: true }],
  };
  const cancelling: Block = {
    comment: 'the person does not want to sign in',
    match: `${issuer}/auth*`,
    tasks: [{ task: 'Cancel', match: signIn.match, commands: [['click', 'id', 'cancel']] }, back],
  };
  const lookingOnce: Block = {
    comment: 'the person looks at the page, and does nothing',
    match: `${issuer}/auth*`,
    'match-limit': 1,
    tasks: [{ task: 'Look', match: `${issuer}/interaction/*`, commands: [picture('Sign in')] }],
  };
  const signingOut: Block = {
    match: `${issuer}/session/end*`,
    tasks: [
      {
        task: 'Confirm',
        optional: true,
        match: `${issuer}/session/end*`,
        commands: [['click', 'id', 'logout']],
      },
      {
        task: 'Signed out',
        optional: true,
        match: `${issuer}/session/end/success*`,
        commands: [picture('You have signed out')],
      },
      { task: 'Back at the suite', optional: true, match: `*/test/a/${alias}/post_logout_redirect*` },
    ],
  };
  const refusedSignOut: Block = { match: `${issuer}/session/end*`, tasks: [errorPage] };

  const each = (names: string[], browser: Block[]) => Object.fromEntries(names.map((name) => [name, { browser }]));
  const fapi = (name: string) => `fapi2-security-profile-final-${name}`;
  return {
    browser: [asking, signingOut],
    override: {
      ...each(
        [
          'oidcc-ensure-registered-redirect-uri',
          'oidcc-ensure-redirect-uri-in-authorization-request',
          'oidcc-redirect-uri-query-added',
          'oidcc-redirect-uri-query-mismatch',
          fapi('ensure-unsigned-authorization-request-without-using-par-fails'),
          fapi('par-attempt-reuse-request_uri'),
          fapi('par-attempt-to-use-expired-request_uri'),
          fapi('par-attempt-to-use-request_uri-for-different-client'),
          fapi('state-only-outside-request-object-not-used'),
        ],
        [eitherWay],
      ),
      ...each(
        ['oidcc-registration-logo-uri', 'oidcc-registration-policy-uri', 'oidcc-registration-tos-uri'],
        [lookingOnce, asking],
      ),
      ...each(
        [
          'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri',
          'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri',
          'oidcc-rp-initiated-logout-modified-id-token-hint',
          'oidcc-rp-initiated-logout-bad-id-token-hint',
        ],
        [asking, refusedSignOut],
      ),
      ...each([fapi('user-rejects-authentication')], [cancelling]),
      ...each([fapi('par-ensure-reused-request-uri-prior-to-auth-completion-succeeds')], [lookingOnce, asking]),
    },
  };
}
