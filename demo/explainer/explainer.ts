/**
 * A page of the demo that explains authorization requests: paste one, see what Kapu will ask and why. What it says comes from
 * src/explain; here is the form around it. It never calls the address that it is given. The request is posted, not put
 * into this page's own address, because it may hold what belongs in no history.
 */

import { readFileSync } from 'node:fs';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import ejs from 'ejs';
import type { Context } from 'koa';
import { demoPeople } from '../../config/demo.ts';
import type { Settings } from '../../config/settings.ts';
import { methodFacts } from '../../interactions/methods.ts';
import { agoText, type Locale, tell } from '../../src/explain/tell.ts';
import { createExplainer, type Explained, type Question } from '../../src/explainer.ts';
import type { Records } from '../../src/records/records.ts';
import { type ExampleName, texts } from './texts.ts';

export interface ExplainerPageOptions {
  settings: Settings;
  records: Pick<Records, 'clients' | 'accounts' | 'consents'>;
  now?: () => Date;
}

/** What the page is given by the service that it is part of. */
export interface Surroundings {
  localeOf(ctx: Context): Locale;
  /** One of the service's own requests, that asks for `level`; undefined when Kapu does not say where to send it. */
  request(level: 'plus' | undefined, locale: Locale): Promise<string | undefined>;
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = ejs.compile(read('page.ejs'), { strict: true, localsName: 'model', _with: false });
const style = read('explainer.css');

const people = demoPeople.map(({ username }) => username);

/** Seconds since a sign-in to choose from. */
const ages = [60, 300, 1200, 7200];

/** More than any server takes as an address. */
const longest = '32kb';

interface Form {
  url: string;
  session: string;
  age: number;
  person: string;
}
const empty: Form = { url: '', session: '', age: ages[0]!, person: '' };

const examples: Record<ExampleName, { level?: 'plus' } & Partial<Form>> = {
  'sign-in': {},
  plus: { level: 'plus' },
  'step-up': { level: 'plus', session: 'basic', age: 300 },
};
const isExample = (name: unknown): name is ExampleName => typeof name === 'string' && Object.hasOwn(examples, name);

/** The pages under /explain. */
export function createExplainerPage(options: ExplainerPageOptions, { localeOf, request }: Surroundings): Router {
  const { settings, records, now = () => new Date() } = options;
  const explain = createExplainer({ settings, records, methods: methodFacts, now });
  const router = new Router();

  function show(ctx: Context, form: Form, explained?: Explained | { outcome: 'nothing' | 'unreachable' }): void {
    const locale = localeOf(ctx);
    const t = texts[locale];
    const isRefused = explained !== undefined && explained.outcome !== 'explained';
    ctx.status = !isRefused ? 200 : explained.outcome === 'unreachable' ? 503 : 422;
    ctx.type = 'html';
    ctx.body = page({
      t,
      locale,
      form,
      levels: settings.levels.map(({ name }) => name),
      people,
      ages: ages.map((age) => ({ age, text: agoText(age, locale) })),
      examples: Object.keys(examples),
      problem: isRefused ? t.problems[explained.outcome] : undefined,
      told: explained?.outcome === 'explained' ? tell(explained.explanation, methodFacts, locale) : undefined,
    });
  }

  router.get('/explain', async (ctx) => {
    const name = ctx.query.example;
    if (!isExample(name)) return show(ctx, empty);
    const { level, ...supposed } = examples[name];
    const url = await request(level, localeOf(ctx));
    if (url === undefined) return show(ctx, empty, { outcome: 'unreachable' });
    const form = { ...empty, person: people[0]!, ...supposed, url };
    show(ctx, form, await explain(questionOf(form)));
  });

  router.post('/explain', bodyParser({ enableTypes: ['form'], formLimit: longest }), async (ctx) => {
    const form = formOf((ctx.request as { body?: unknown }).body);
    show(ctx, form, form.url === '' ? { outcome: 'nothing' } : await explain(questionOf(form)));
  });

  router.get('/explain.css', (ctx) => {
    ctx.type = 'css';
    ctx.body = style;
  });
  return router;
}

function formOf(body: unknown): Form {
  const sent = new Map(Object.entries((body ?? {}) as Record<string, unknown>));
  const text = (name: string) => {
    const value = sent.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const age = Number(text('age'));
  return {
    url: text('url'),
    session: text('session'),
    age: ages.includes(age) ? age : ages[0]!,
    person: text('person'),
  };
}

function questionOf({ url, session, age, person }: Form): Question {
  return { url, session: session === '' ? undefined : { level: session, age }, username: person || undefined };
}
