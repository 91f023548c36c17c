/** One sequence: each step in turn, done to the server and to the model. */

import { expect } from '@jest/globals';
import { formOf, type Page } from '../support/agent.ts';
import type { Counts } from './counts.ts';
import { clients, type Server } from './server.ts';
import { Services } from './services.ts';
import type { AskStep, Step } from './steps.ts';
import type { Ask, Client } from './tables.ts';
import { isOpen, type Tab, Tabs } from './tabs.ts';
import { fromNewest, newWorld, type Place, type World } from './world.ts';

/** Tabs that a browser has open at most; older ones are forgotten. */
const most = 4;

/** Does `steps` to a server that remembers nothing of sequences before. Throws at the first difference, with a transcript. */
export async function run(server: Server, steps: Step[], counts: Counts): Promise<void> {
  const world = await newWorld(server, counts);
  const { take, arrive } = taker(world);
  try {
    for (const step of steps) {
      world.transcript.push(JSON.stringify(step));
      counts.add('steps', step.do);
      await take(step);
      expect(server.faults()).toEqual([]);
    }
    await arrive();
    expect(server.faults()).toEqual([]);
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    throw new Error([message, ...server.faults(), ...world.transcript].join('\n'), { cause: fault });
  } finally {
    world.end();
  }
}

/** What does one step after the other in `world`; and what brings every tab that is open in the end to its service. */
function taker(world: World): { take: (step: Step) => Promise<void>; arrive: () => Promise<void> } {
  const { server, places } = world;
  const services = new Services(world);
  const tabs = new Tabs(world, services);
  const open: Tab[] = [];

  async function ask(step: Extract<Step, { do: 'ask' | 'sign in' }>): Promise<Tab> {
    const client = clients[step.client]!;
    const last = services.lastAt(client);
    const asking = asked(client, step.ask, step.ask.hint ? last?.person : undefined);
    const tab: Tab = {
      place: places[step.browser]!,
      client,
      ask: asking,
      startedAt: 0,
      asked: await server.parties.get(client.id)!.ask(parameters(asking, asking.hint && last?.idToken)),
      late: step.do === 'ask' && step.late,
      seen: 'gone',
      past: [],
      pages: [],
    };
    open.push(tab);
    if (open.length > most) open.shift();
    await tabs.start(tab, step.do === 'ask' ? step.hold : undefined);
    return tab;
  }

  async function inTab(tab: Tab, step: Extract<Step, { tab: number }>): Promise<void> {
    switch (step.do) {
      case 'answer':
        return tabs.answer(tab, step.typed, step.who, step.hold);
      case 'finish':
        return tabs.finish(tab, step.who, step.pause);
      case 'press':
        return tabs.press(tab, step.button, step.hold);
      case 'back':
        return tabs.back(tab, step.page);
      case 'send again':
        return tabs.sendAgain(tab, step.page, step.who);
      case 'start over':
        return tabs.start(tab);
      case 'redeem':
        return tabs.redeem(tab);
    }
  }

  async function arrive(): Promise<void> {
    for (const tab of open.filter(isOpen)) await tabs.finish(tab, 'anna');
  }

  async function take(step: Step): Promise<void> {
    switch (step.do) {
      case 'ask':
        await ask(step);
        return;
      case 'sign in':
        return tabs.finish(await ask(step), step.who, step.pause);
      case 'wait':
        return world.pass(step.seconds);
      case 'restart':
        await server.kapu.restart();
        for (const { real } of places) real.close();
        return;
      case 'set account':
        return world.setAccount(step.who, step.active);
      case 'hold':
        return world.hold(step.who, step.seconds);
      case 'refresh':
        return services.refresh(step.token);
      case 'introspect':
        return services.introspect(step.token);
      case 'sign out':
        return signOut(world, places[step.browser]!, step.leave);
      default: {
        const waiting = step.do === 'answer' || step.do === 'finish' || step.do === 'press';
        const tab = fromNewest(waiting ? open.filter(isOpen) : open, step.tab);
        if (tab) await inTab(tab, step);
      }
    }
  }
  return { take, arrive };
}

async function signOut({ model, counts, transcript }: World, place: Place, leave: boolean): Promise<void> {
  const signedIn = model.session(place.model) !== undefined;
  const page = await place.real.go('/session/end');
  transcript.push(`    ${page.url.pathname}`);
  expect([page.status, page.url.pathname]).toEqual([200, signedIn ? '/session/end' : '/session/end/success']);
  counts.add('sign-outs', signedIn ? (leave ? 'left' : 'stayed') : 'nobody');
  if (!signedIn) {
    place.model.signedOut++;
    return;
  }
  model.touch(place.model);
  const { action, hidden } = formOf(page as unknown as Page);
  const done = await place.real.go(new URL(action, page.url), { ...hidden, ...(leave && { logout: 'yes' }) });
  expect([done.status, done.url.pathname]).toEqual([200, '/session/end/success']);
  if (!leave) return;
  place.model.signedOut++;
  place.model.session = undefined;
}

/** What is asked, as far as it makes sense for this client. */
function asked(client: Client, { acrValues, claim, maxAge, prompt, health, offline }: AskStep, hint: Ask['hint']): Ask {
  const own = client.asks === undefined;
  return { acrValues, claim, maxAge, prompt, health: own && health, offline: own && offline, hint };
}

function parameters(ask: Ask, hint: string | undefined): Record<string, string> {
  const { acrValues, claim, maxAge, prompt, health, offline } = ask;
  return {
    scope: ['openid', health && 'health', offline && 'offline_access'].filter(Boolean).join(' '),
    ...(acrValues && { acr_values: acrValues.join(' ') }),
    ...(claim && { claims: JSON.stringify({ id_token: { acr: claim } }) }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(prompt.length > 0 && { prompt: prompt.join(' ') }),
    ...(hint && { id_token_hint: hint }),
  };
}
