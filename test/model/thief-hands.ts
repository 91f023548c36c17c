/** Two servers, and what somebody of the stories of a mailbox thief answers there. */

import { codeAt } from '../methods/app.ts';
import type { Agent, Page } from '../support/agent.ts';
import type { TestKapu } from '../support/kapu.ts';
import type { Asked, RelyingParty } from '../support/relying-party.ts';
import type { By, Rule, Who } from './thief-rule.ts';

export interface Servers {
  kapus: [TestKapu, TestKapu];
  services: [RelyingParty, RelyingParty];
  now(): number;
  pass(seconds: number): void;
}

/** Answers what is asked as far as `who` can, by these means, and gives the page that it ends at. */
export async function answerAs(
  { servers, rule, username }: { servers: Servers; rule: Rule; username: string },
  agent: Agent,
  from: Page,
  who: Who,
  by: By,
  server: number,
): Promise<Page> {
  let page = from;
  for (let times = 0; times < 8; times++) {
    const [, uid, step] = /^\/interaction\/([\w-]+)\/([\w-]+)$/.exec(page.url.pathname) ?? [];
    if (!uid || page.status !== 200) return page;
    const wanted = by === 'mail' ? 'email-code' : 'totp';
    if (step === 'password') {
      const password = rule.knows(who) ? rule.password.text : 'not the password of anybody';
      page = await agent.submit(page, { username: username, password });
    } else if (step !== wanted) {
      const other = await agent.get(`/interaction/${uid}/${wanted}`);
      if (other.url.pathname !== `/interaction/${uid}/${wanted}`) return page;
      page = other;
    } else if (step === 'email-code') {
      if (!rule.reads(who)) return page;
      page = await agent.submit(page, { code: await servers.kapus[server % 2]!.codeFor(page) });
    } else {
      if (rule.app?.who !== who) return page;
      servers.pass(31);
      page = await agent.submit(page, { code: codeAt(rule.app.key, new Date(servers.now() * 1000)) });
    }
  }
  throw new Error(`no end: ${page.url.href}`);
}

/** The level that the service is told of at `page`; undefined where it is told of none. */
export async function acrOf(asked: Asked, page: Page): Promise<string | undefined> {
  if (page.url.pathname !== '/callback' || page.url.searchParams.has('error')) return undefined;
  return (await asked.redeem(page.url)).claims.acr as string;
}
