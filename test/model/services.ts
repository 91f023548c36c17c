/** The services of a sequence: what they are told, and what becomes of their tokens. */

import { expect } from '@jest/globals';
import { refreshTokenGrant, tokenIntrospection } from 'openid-client';
import type { Asked } from '../support/relying-party.ts';
import type { Claims } from './properties.ts';
import { lives, type Told } from './round.ts';
import type { Client, Person, Request } from './tables.ts';
import { fromNewest, type Place, type World } from './world.ts';

/** A callback that a service has been given and not redeemed yet. */
export interface Callback {
  url: URL;
  asked: Asked;
  told: Told;
  request: Request;
  client: Client;
  place: Place;
  offline: boolean;
  at: number;
  /** What the person was shown on the way. */
  pages: string[];
}

type Tokens = Omit<Callback, 'url' | 'asked' | 'pages' | 'request'> & {
  access: string;
  accessAt: number;
  refresh?: string;
  id: string;
};

export class Services {
  readonly #world: World;
  readonly #tokens: Tokens[] = [];
  /** Subjects, by client and person. */
  readonly #subjects = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The last person that a service was told of, with the ID token. */
  lastAt(client: Client): { person: Person; idToken: string } | undefined {
    const tokens = this.#tokens.findLast((one) => one.client === client);
    return tokens && { person: tokens.told.person, idToken: tokens.id };
  }

  async redeem({ url, asked, pages, request, ...callback }: Callback): Promise<void> {
    const { told, client, place, offline, at } = callback;
    const { model, counts, transcript, properties } = this.#world;
    const good = model.holds(told, place.model, offline) && model.now < at + lives.code;
    const given = await asked.redeem(url).catch((fault: { error?: string }) => fault.error ?? String(fault));
    const outcome = typeof given === 'string' ? given : 'tokens';
    transcript.push(`    ${typeof given === 'string' ? given : JSON.stringify(given.claims)}`);
    expect(outcome).toBe(good ? 'tokens' : 'invalid_grant');
    if (typeof given === 'string') return counts.add('errors', `code: ${given}`);
    properties.saysNoMore(given.claims, told, place.model, request, at);
    this.#check(given.claims, told, client);
    const { access_token: access, refresh_token: refresh, id_token: id } = given.tokens;
    expect(refresh !== undefined).toBe(offline);
    this.#tokens.push({ ...callback, access, accessAt: model.now, refresh, id: id! });
    counts.signIn(told.acr, pages);
  }

  /** A refreshed token says what the first one said, whatever has happened since. */
  async refresh(number: number): Promise<void> {
    const withRefresh = this.#tokens.filter(({ refresh }) => refresh !== undefined);
    const tokens = fromNewest(withRefresh, number);
    if (!tokens) return;
    const { told, client, at } = tokens;
    const { model, counts, transcript, server } = this.#world;
    const { config } = server.parties.get(client.id)!;
    const aged = told.until < model.now;
    const tooOld = client.endsWithLevel === true && aged;
    const good = told.person.active && !tooOld && model.now < at + lives.refreshToken;
    const given = await refreshTokenGrant(config, tokens.refresh!).catch((fault: { error?: string }) =>
      String(fault.error),
    );
    const outcome = typeof given === 'string' ? given : 'tokens';
    transcript.push(`    ${typeof given === 'string' ? given : JSON.stringify(given.claims())}`);
    expect(outcome).toBe(good ? 'tokens' : 'invalid_grant');
    counts.add('refreshes', good ? (aged ? 'beyond its level' : 'good') : tooOld ? 'level aged' : 'refused');
    if (typeof given === 'string') return;
    this.#check(given.claims()!, told, client);
    Object.assign(tokens, { access: given.access_token, refresh: given.refresh_token, accessAt: model.now });
  }

  async introspect(number: number): Promise<void> {
    const tokens = fromNewest(this.#tokens, number);
    if (!tokens) return;
    const { told, place, offline, access, accessAt } = tokens;
    const { model, counts, transcript, server } = this.#world;
    const good = model.holds(told, place.model, offline) && model.now < accessAt + lives.accessToken;
    const { active, acr, auth_time } = await tokenIntrospection(server.resourceServer.config, access);
    transcript.push(`    ${JSON.stringify({ active, acr, auth_time })}`);
    counts.add('introspections', good ? 'active' : 'over');
    expect(active).toBe(good);
    if (good) expect({ acr, auth_time }).toEqual({ acr: told.acr, auth_time: told.authTime });
  }

  /** The token says what the model says; and one service always knows one person by one name, which no other has. */
  #check({ sub, acr, amr, auth_time }: Claims, told: Told, client: Client): void {
    expect({ acr, amr, auth_time }).toEqual({ acr: told.acr, amr: told.amr, auth_time: told.authTime });
    const key = `${client.id} ${told.person.username}`;
    const known = this.#subjects.get(key);
    if (known === undefined) expect([...this.#subjects.values()]).not.toContain(sub);
    else expect(sub).toBe(known);
    this.#subjects.set(key, sub!);
  }
}
