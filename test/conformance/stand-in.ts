/**
 * Something that stands in for the OpenID conformance suite: its REST API and the addresses of its tests, over TLS, with modules
 * that do what a test tells them. It tests nothing; what is tested with it is the run.
 */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../support/certificate.ts';
import type { Entry, Info } from './suite/api.ts';

export interface ScriptedModule {
  name: string;
  variant?: Record<string, string>;
  /** What it answers when it is asked how it stands, one after the other; the last one stays. */
  stands: Info[];
  log?: Entry[];
  /** Addresses that it waits for somebody to visit. */
  urls?: string[];
  /** Called with the plan's configuration when it starts; what comes of it is the module's end. */
  play?: (configuration: Record<string, unknown>) => Promise<Info & { log?: Entry[] }>;
}

export interface StandIn {
  /** The suite's address. */
  url: string;
  /** PEM; its certificate is its own authority. */
  ca: string;
  /** What was asked of it: 'POST /api/plan?…'. */
  asked: string[];
  /** Configurations of the plans that were made. */
  configurations: Record<string, unknown>[];
  /** What arrived at its tests' addresses, by path after /test/a/ALIAS/. */
  arrived: { path: string; url: URL; body: string }[];
  stop(): Promise<void>;
}

export interface StandInOptions {
  planName: string;
  modules: ScriptedModule[];
  /** Asked for where it is given. */
  token?: string;
  /** Never answers. */
  silent?: boolean;
}

interface Running {
  module: ScriptedModule;
  looks: number;
  started: boolean;
  end?: Info & { log?: Entry[] };
}

/** Starts it on a port of loopback. */
export async function startStandIn({ planName, modules, token, silent }: StandInOptions): Promise<StandIn> {
  const { key, cert } = selfSigned('localhost');
  const asked: string[] = [];
  const arrived: StandIn['arrived'] = [];
  const configurations: Record<string, unknown>[] = [];
  const running = new Map<string, Running>();

  /** The API's answer: a status and JSON, or what a ZIP would be. */
  function answer(method: string, { pathname, searchParams }: URL, body: string): [number, unknown] {
    const [, , kind = '', id = '', last = ''] = pathname.split('/');
    if (method === 'POST' && kind === 'plan') {
      if (searchParams.get('planName') !== planName)
        return [404, { error: `No plan with name: ${searchParams.get('planName')}` }];
      configurations.push(JSON.parse(body));
      return [
        201,
        { name: planName, id: 'plan-1', modules: modules.map(({ name, variant }) => ({ testModule: name, variant })) },
      ];
    }
    if (method === 'GET' && kind === 'plan' && id === 'exporthtml') return [200, Buffer.from(`PK of ${last}`)];
    if (method === 'POST' && kind === 'runner' && id === '') {
      const module = modules.find(({ name }) => name === searchParams.get('test'));
      if (!module) return [500, { error: 'no such module' }];
      const made: Running = { module, looks: 0, started: false };
      running.set(module.name, made);
      module.play?.(configurations.at(-1)!).then(
        (end) => Object.assign(made, { end }),
        (fault: Error) => {
          made.end = {
            status: 'INTERRUPTED',
            result: 'FAILED',
            log: [{ src: 'stand-in', msg: String(fault), result: 'FAILURE' }],
          };
        },
      );
      return [201, { name: module.name, id: module.name, url: '' }];
    }
    const one = running.get(id);
    if (!one) return [404, {}];
    if (method === 'POST' && kind === 'runner') one.started = true;
    if (kind === 'runner') return [200, { id, browser: { urls: one.module.urls ?? [] } }];
    if (kind === 'log') return [200, one.end?.log ?? one.module.log ?? []];
    if (one.end) return [200, one.end];
    if (one.module.play) return [200, { status: 'RUNNING' }];
    const stand = one.module.stands[Math.min(one.looks++, one.module.stands.length - 1)]!;
    if (stand.status === 'CONFIGURED' && one.started) return [200, one.module.stands.at(-1)];
    return [200, stand];
  }

  const server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (silent) return;
      const url = new URL(request.url ?? '/', standIn.url);
      const body = Buffer.concat(chunks).toString();
      const [, path] = /^\/test\/a\/[^/]+\/(.*)$/.exec(url.pathname) ?? [];
      if (path !== undefined) {
        arrived.push({ path, url, body });
        response.setHeader('content-type', 'text/html').end('<title>suite</title><p id="submission_complete">Done</p>');
        return;
      }
      asked.push(`${request.method} ${request.url}`);
      const isKnown = token === undefined || request.headers.authorization === `Bearer ${token}`;
      const [status, content] = isKnown ? answer(request.method ?? '', url, body) : [401, {}];
      response.statusCode = status;
      response.setHeader('content-type', Buffer.isBuffer(content) ? 'application/zip' : 'application/json');
      response.end(Buffer.isBuffer(content) ? content : JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: StandIn = {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: cert,
    asked,
    configurations,
    arrived,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}
