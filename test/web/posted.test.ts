/** Requests of services that come by POST, and the address that each becomes. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Koa from 'koa';
import { postedAsGet } from '../../src/web/posted.ts';

let server: Server;
beforeAll(async () => {
  const app = new Koa();
  app.silent = true;
  app.use(postedAsGet());
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

/** What posting `body` to `/auth` comes to. */
async function posted(body: string): Promise<{ status: number; address: string }> {
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(`http://127.0.0.1:${port}/auth`, { method: 'POST', headers, body, redirect: 'manual' });
  return { status: answer.status, address: answer.headers.get('location') ?? '' };
}

test('an address of 12 KB at most, however short what was posted was', async () => {
  const most = 12 * 1024 - '/auth?state='.length;
  const plain = await posted(`state=${'s'.repeat(most)}`);
  expect(plain).toEqual({ status: 303, address: `/auth?state=${'s'.repeat(most)}` });
  expect((await posted(`state=${'s'.repeat(most + 1)}`)).status).toBe(413);

  const third = Math.floor(most / 3);
  const spelt = await posted(`state=${"'".repeat(third)}`);
  expect(spelt).toEqual({ status: 303, address: `/auth?state=${'%27'.repeat(third)}` });
  expect(await posted(`state=${"'".repeat(third + 1)}`)).toEqual({ status: 413, address: '' });
  expect(await posted(`state=${"'".repeat(11_000)}`)).toEqual({ status: 413, address: '' });
});
