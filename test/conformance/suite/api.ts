/** The suite's REST API, as much of it as a run needs. It knows nothing of plans or of Kapu. */

import { Refused } from '../../../src/commands/command.ts';
import { type Certificate, wire } from '../wire.ts';

/** A module of a plan, as the suite lists it. */
export interface ModuleOfPlan {
  testModule: string;
  variant?: Record<string, string>;
}

/** How a module stands. */
export interface Info {
  status: 'NOT_YET_CREATED' | 'CREATED' | 'CONFIGURED' | 'RUNNING' | 'WAITING' | 'INTERRUPTED' | 'FINISHED';
  result?: 'PASSED' | 'FAILED' | 'WARNING' | 'REVIEW' | 'SKIPPED' | 'UNKNOWN' | null;
}

/** An entry of a module's log. */
export interface Entry {
  /** The condition, or the part of the suite, that says it. */
  src?: string;
  msg?: string;
  result?: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'INFO' | 'REVIEW';
  /** Where the specifications say so: 'OIDCC-3.1.2.1'. */
  requirements?: string[];
}

export interface SuiteOptions {
  /** The suite's address. */
  url: string;
  /** An API token; a suite that runs in its development mode wants none. */
  token?: string;
  /** Whom its certificate may be from, and how long it may take to answer. */
  trust?: Certificate;
}

export class Suite {
  readonly url: string;
  readonly #send: ReturnType<typeof wire>;
  readonly #headers: Record<string, string>;

  constructor({ url, token, trust }: SuiteOptions) {
    this.url = url.replace(/\/+$/, '');
    this.#send = wire({ timeout: 20_000, ...trust });
    this.#headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  }

  /** Makes a plan of `planName`. Throws Refused with what the suite says, when it does not know or want it. */
  createPlan(
    planName: string,
    variant: Readonly<Record<string, string>>,
    configuration: object,
  ): Promise<{ id: string; modules: ModuleOfPlan[] }> {
    const query = { planName, ...(Object.keys(variant).length > 0 && { variant: JSON.stringify(variant) }) };
    return this.#json('POST', '/api/plan', 201, query, configuration);
  }

  /** Makes and starts a module of a plan. */
  startModule(plan: string, { testModule, variant }: ModuleOfPlan): Promise<{ id: string }> {
    const query = { test: testModule, plan, ...(variant && { variant: JSON.stringify(variant) }) };
    return this.#json('POST', '/api/runner', 201, query);
  }

  /** Goes on with a module that waits to be started by hand. */
  async goOn(id: string): Promise<void> {
    await this.#json('POST', `/api/runner/${id}`, 200);
  }

  info(id: string): Promise<Info> {
    return this.#json('GET', `/api/info/${id}`, 200);
  }

  log(id: string): Promise<Entry[]> {
    return this.#json('GET', `/api/log/${id}`, 200);
  }

  /** Addresses that a module waits for somebody to visit, because no page selector matches them. */
  async unvisited(id: string): Promise<string[]> {
    const { browser } = await this.#json<{ browser?: { urls?: string[] } }>('GET', `/api/runner/${id}`, 200);
    return browser?.urls ?? [];
  }

  /** The plan's results as the suite hands them out: a ZIP. */
  async exportPlan(id: string): Promise<Buffer> {
    const answer = await this.#ask('GET', `/api/plan/exporthtml/${id}`, {}, undefined, 'application/zip');
    if (answer.status !== 200) throw refused(answer.status, `/api/plan/exporthtml/${id}`, '');
    return Buffer.from(await answer.arrayBuffer());
  }

  /** Where a person reads a module's log. */
  logAddress(id: string): string {
    return `${this.url}/log-detail.html?log=${id}`;
  }

  async #json<T>(
    method: string,
    path: string,
    expected: number,
    query: Record<string, string> = {},
    body?: object,
  ): Promise<T> {
    const answer = await this.#ask(method, path, query, body);
    const text = await answer.text();
    if (answer.status !== expected) throw refused(answer.status, path, text);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new Refused(
        `${path} of the suite answers with something that is no JSON`,
        'is --suite the address of a suite?',
      );
    }
  }

  async #ask(method: string, path: string, query: Record<string, string>, body?: object, accept?: string) {
    const url = `${this.url}${path}${Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ''}`;
    const headers = { ...this.#headers, ...(accept && { accept }), 'content-type': 'application/json' };
    try {
      return await this.#send(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    } catch (fault) {
      const { code, message } = fault as NodeJS.ErrnoException;
      const hint = /CERT|SELF_SIGNED|UNABLE_TO/.test(code ?? '')
        ? 'name its authority with --suite-ca, or, for a suite of your own, add --insecure-suite'
        : 'start it, or mend --suite';
      throw new Refused(`the suite at ${this.url} cannot be reached: ${code || message}`, hint);
    }
  }
}

function refused(status: number, path: string, text: string): Refused {
  if (status === 401 || status === 403)
    return new Refused(
      `the suite refuses ${path} (${status})`,
      'make an API token there: --token, or CONFORMANCE_TOKEN',
    );
  let said = text.slice(0, 300);
  try {
    said = (JSON.parse(text) as { error?: string }).error ?? said;
  } catch {}
  return new Refused(
    `the suite answers ${path} with ${status}${said ? `: ${said}` : ''}`,
    'is it a newer or older suite?',
  );
}
