/**
 * `kapu explain URL`: what an authorization request will lead to, in plain words: for the developer of a service and for
 * whoever helps them. Nothing is sent and nothing is changed.
 */

import { clientIdOf } from '../explain/address.ts';
import type { Explanation } from '../explain/explain.ts';
import type { ExplainedMethod } from '../explain/steps.ts';
import { type Locale, tell, works } from '../explain/tell.ts';
import type { Explained, Explainer } from '../explainer.ts';
import type { ClientSurroundings } from '../oidc/clients/metadata.ts';
import { readClient } from './client.ts';
import { Misused, type Terminal, table } from './command.ts';

export interface ExplainOptions {
  /** A level, or 'none'. */
  session: string;
  /** Seconds. */
  age: number;
  account?: string;
  locale: Locale;
  json?: boolean;
  /** The client as it is to be put: a file's name and content. */
  clientFile?: { name: string; text: string };
}

export interface ExplainEffects {
  explain: Explainer;
  methods: readonly ExplainedMethod[];
  surroundings: ClientSurroundings;
  terminal: Terminal;
}

/** Prints the explanation; gives whether the request would work. Throws Misused when there is
 *  nothing to explain, Refused when the client's file cannot be used. */
export async function explain(url: string, options: ExplainOptions, effects: ExplainEffects): Promise<boolean> {
  const { session, age, account: username, clientFile, locale, json } = options;
  const client = clientFile && readClient(clientFile.name, clientFile.text, effects.surroundings);
  const id = clientIdOf(url);
  if (client && id !== undefined && id !== client.client_id)
    throw new Misused(`'${clientFile.name}' describes another client than the URL names`, 'mend one of the two');
  const asked = { url, username, client, session: session === 'none' ? undefined : { level: session, age } };
  const explained = await effects.explain(asked);
  if (explained.outcome !== 'explained') throw misused(explained, options);
  const { explanation } = explained;
  effects.terminal.out(
    json
      ? JSON.stringify({ works: works(explanation), ...explanation }, null, 2)
      : textOf(explanation, effects.methods, locale),
  );
  return works(explanation);
}

function textOf(explanation: Explanation, methods: readonly ExplainedMethod[], locale: Locale): string {
  const { summary, understood, steps, token, mistakes } = tell(explanation, methods, locale);
  const indented = (text: string) => text.replaceAll(/^/gm, '  ');
  const section = (heading: string, text: string) => `\n${heading}\n${indented(text)}`;
  const numbered = steps.items.map((item, index) => `${index + 1}. ${item}`).join('\n');
  const widest = Math.max(...mistakes.items.map(({ label }) => label.length));
  const listed = mistakes.items.map(
    ({ label, problem, change }) => `${label.padEnd(widest)}  ${problem}\n${' '.repeat(widest)}  ${change}`,
  );
  return [
    summary,
    ...(understood.rows.length > 0 ? [section(understood.heading, table(understood.rows))] : []),
    section(steps.heading, numbered || steps.none),
    ...(token ? [section(token.heading, [table(token.rows), ...(token.check ? [token.check] : [])].join('\n'))] : []),
    section(mistakes.heading, listed.join('\n') || mistakes.none),
  ].join('\n');
}

function misused(explained: Exclude<Explained, { outcome: 'explained' }>, options: ExplainOptions): Misused {
  const { account, session } = options;
  switch (explained.outcome) {
    case 'unknown-person':
      return new Misused(`there is no account '${account}'`, 'see `kapu account list`');
    case 'disabled-person':
      return new Misused(`account ${account} is disabled: nobody can sign in to it`, 'name another one');
    case 'unknown-level':
      return new Misused(`there is no level '${session}'`, `known here: none, ${explained.known.join(', ')}`);
    case 'level-out-of-reach':
      return new Misused(
        `${account ?? 'nobody'} cannot have reached level '${session}'`,
        'name another level in --session',
      );
    case 'session-too-old':
      return new Misused(
        `a session lives ${explained.longest / 3600} hours at most (times.sessionMax)`,
        'say --session none',
      );
  }
}
