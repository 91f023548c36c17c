/** What one sequence happens in: the server and the model, people, browsers, and the transcript for the report of a failure. */

import { randomUUID } from 'node:crypto';
import { Browser } from './browser.ts';
import type { Counts } from './counts.ts';
import { Mails } from './mails.ts';
import { Model } from './model.ts';
import { Properties } from './properties.ts';
import type { Browser as ModelBrowser } from './round.ts';
import type { Server } from './server.ts';
import type { PersonName } from './steps.ts';
import type { Person } from './tables.ts';

/** A browser, and what the model knows of it. */
export interface Place {
  real: Browser;
  model: ModelBrowser;
}

export interface World {
  server: Server;
  model: Model;
  counts: Counts;
  people: Record<PersonName, Person>;
  places: Place[];
  mails: Mails;
  properties: Properties;
  transcript: string[];
  /** Time passes, for both, once the mails on their way have come: nobody's mail takes minutes here. */
  pass(seconds: number): Promise<void>;
  setAccount(who: PersonName, active: boolean): Promise<void>;
  /** Holds somebody's account for so many seconds from now on, without an end, or, with none, no more. */
  hold(who: PersonName, seconds: number): Promise<void>;
  end(): void;
}

/** Accounts and browsers are new in each sequence, and the server remembers nothing of sequences before. */
export async function newWorld(server: Server, counts: Counts): Promise<World> {
  await server.forget();
  const { accounts } = server.kapu.records;
  const model = new Model(server.now());
  const mails = new Mails(server.mailbox, model);
  const places = [0, 1].map(() => ({ real: new Browser(server.kapu.issuer), model: { signedOut: 0 } }));
  const ids = new Map<Person, string>();

  // A hash that the server has made itself, so that none has to be computed.
  const { passwordHash } = (await accounts.findForPassword('anna'))!;
  const person = async (name: PersonName, email: boolean): Promise<Person> => {
    const username = `${name}-${randomUUID()}`;
    const address = email && { email: `${username}@demo.example`, emailVerified: true };
    const { id } = await accounts.add({ username, locale: 'en', ...address }, passwordHash);
    const made = { username, email, active: true };
    ids.set(made, id);
    return made;
  };
  const people = {
    anna: await person('anna', true),
    john: await person('john', true),
    bela: await person('bela', false),
  };
  return {
    server,
    model,
    counts,
    people,
    places,
    mails,
    properties: new Properties(),
    transcript: [],
    async pass(seconds) {
      await mails.allCome();
      await server.pass(seconds);
      model.now = server.now();
    },
    async setAccount(who, active) {
      people[who].active = active;
      await accounts.setStatus(ids.get(people[who])!, active ? 'active' : 'disabled');
    },
    async hold(who, seconds) {
      const hold = seconds > 0 ? { since: model.now, until: model.now + seconds } : undefined;
      people[who].hold = hold;
      const until = hold && Number.isFinite(hold.until) ? new Date(hold.until * 1000) : undefined;
      const kept = hold ? { since: new Date(hold.since * 1000), until } : null;
      await accounts.change(ids.get(people[who])!, { hold: kept });
    },
    end() {
      for (const { real } of places) real.close();
    },
  };
}

/** The newest of a list, or one before it, round and round. */
export function fromNewest<T>(list: T[], number: number): T | undefined {
  return list.at(-1 - (number % Math.max(1, list.length)));
}
