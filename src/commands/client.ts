/** `kapu client …`: the services that may sign people in. A file says what a client is, so that files can be kept and reviewed. */

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { actOf } from '../audit/audit.ts';
import type { OperatorsAct } from '../audit/events.ts';
import { type ClientMetadata, type ClientSurroundings, parseClient, usesSecret } from '../oidc/clients/metadata.ts';
import { profileNameOf } from '../oidc/clients/profiles.ts';
import type { RegistrationTokens } from '../oidc/clients/registration-tokens.ts';
import type { ClientRecord, Records } from '../records/records.ts';
import { Refused, type Terminal, table } from './command.ts';

export interface ClientEffects {
  records: Pick<Records, 'clients' | 'audit'>;
  surroundings: ClientSurroundings;
  terminal: Terminal;
  now: () => Date;
}

/** Effects of inviting, beside. */
export interface InviteEffects extends ClientEffects {
  invitations: { enabled: boolean; tokens: Pick<RegistrationTokens, 'invite'> };
}

/**
 * Adds a client or brings it to what `text`, JSON from `file`, says. The same file twice changes nothing. A client with
 * a secret whose file holds none keeps its secret, or gets one, which is printed this once; so the file can be public.
 */
export async function putClient(file: string, text: string, effects: ClientEffects): Promise<void> {
  const { records, surroundings, terminal } = effects;
  const { client_id: id, ...client } = readClient(file, text, surroundings);
  const before = await records.clients.find(id);
  let made: string | undefined;
  if (usesSecret(client) && client.client_secret === undefined) {
    const present = before?.metadata.client_secret;
    made = typeof present === 'string' ? undefined : randomBytes(32).toString('base64url');
    client.client_secret = typeof present === 'string' ? present : made;
  }
  const changes = !isDeepStrictEqual(before?.metadata, JSON.parse(JSON.stringify(client)));
  if (changes) await audit(before ? 'client.changed' : 'client.added', id, effects);
  const outcome = await records.clients.put(id, client);
  terminal.out(`client ${id} ${outcome}`);
  if (made) terminal.out(`secret: ${made}`);
}

/** The client that `text`, JSON from `file`, describes. Throws Refused with every problem. */
export function readClient(file: string, text: string, surroundings: ClientSurroundings): ClientMetadata {
  const parsed = parseClient(parseJson(file, text), surroundings);
  if (parsed.ok) return parsed.client;
  const lines = parsed.problems.map(({ path, problem, hint }) => `  ${path || 'the file'}: ${problem}; ${hint}`);
  throw new Refused(
    `'${file}' describes no client that can be used\n${lines.join('\n')}`,
    'change these, then put it again',
  );
}

/** Prints an invitation, which is good for `uses` services to register themselves within `life` seconds. It is shown this once and kept nowhere. */
export async function invite({ uses, life }: { uses: number; life: number }, effects: InviteEffects): Promise<void> {
  const { invitations, terminal, now } = effects;
  if (!invitations.enabled)
    throw new Refused('services do not register themselves here', 'set registration.enabled in the settings');
  const id = randomBytes(9).toString('base64url');
  const until = new Date(now().getTime() + life * 1000);
  const detail = { invitation: id, uses: String(uses), until: until.toISOString() };
  await actOf(effects, 'registration.invited', { detail });
  terminal.out(invitations.tokens.invite({ id, uses, until }));
  terminal.err(`good for ${uses} ${uses === 1 ? 'service' : 'services'} until ${until.toISOString()}`);
}

/** Prints a client as the JSON that `put` takes, its secret only on demand. */
export async function showClient(id: string, { secret }: { secret?: boolean }, effects: ClientEffects): Promise<void> {
  const { client_secret, ...metadata } = (await existing(id, effects)).metadata;
  const shown = { client_id: id, ...metadata, ...(secret && { client_secret }) };
  effects.terminal.out(JSON.stringify(shown, null, 2));
}

/** Prints all clients, and of each what its sign-ins depend on. */
export async function listClients({ records, terminal }: Pick<ClientEffects, 'records' | 'terminal'>): Promise<void> {
  const rows = (await records.clients.list()).map(({ id, metadata, updatedAt }) => [
    id,
    String(metadata.client_name ?? '-'),
    profileNameOf(metadata),
    String(metadata.minimum_level ?? '-'),
    metadata.first_party === false ? 'yes' : 'no',
    updatedAt.toISOString(),
  ]);
  terminal.out(table([['CLIENT', 'NAME', 'PROFILE', 'MINIMUM LEVEL', 'ASKS CONSENT', 'CHANGED'], ...rows]));
}

/** Removes a client, and the consents given to it. */
export async function removeClient(id: string, effects: ClientEffects): Promise<void> {
  await existing(id, effects);
  await audit('client.removed', id, effects);
  await effects.records.clients.remove(id);
  effects.terminal.out(`client ${id} removed`);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(`'${file}' is not valid JSON`, 'mend the file: `jq empty` shows the place');
  }
}

async function existing(id: string, { records }: ClientEffects): Promise<ClientRecord> {
  const client = await records.clients.find(id);
  if (!client) throw new Refused(`there is no client '${id}'`, 'see `kapu client list`');
  return client;
}

function audit(event: OperatorsAct, clientId: string, effects: ClientEffects): Promise<void> {
  return actOf(effects, event, { clientId });
}
